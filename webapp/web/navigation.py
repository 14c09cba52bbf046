"""The navigation in the header."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from flask import current_app, request, url_for
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from webapp.albums.album import PhotoId

SECTIONS: Mapping[str, str | LazyString] = {
    "/": lazy_gettext("Photo"),
    "/albums/new": lazy_gettext("Album"),
    "/camera": lazy_gettext("Camera"),
    "/compare": lazy_gettext("Compare"),
    "/models": lazy_gettext("Networks"),
    "/api": "API",
}
"""The rule of each part's first page and its title; parts without such a page are left out."""


@dataclass(frozen=True)
class Section:
    """A part of the app in the header; ``current`` as HTML's ``aria-current`` has it."""

    title: str | LazyString
    address: str
    current: Literal["page", "true"] | None


def sections() -> list[Section]:
    """The parts of this app, with the one that the current request belongs to."""
    pages = {
        rule.rule: rule.endpoint
        for rule in current_app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
    }
    return [
        Section(title, url_for(pages[rule]), _current(pages[rule]))
        for rule, title in SECTIONS.items()
        if rule in pages
    ]


def _current(first: str) -> Literal["page", "true"] | None:
    """``page`` on a section's first page, ``true`` on the others of the same blueprint."""
    if request.endpoint == first:
        return "page"
    of_album = PhotoId.of((request.view_args or {}).get("result_id", ""))
    blueprint = "albums" if of_album else request.blueprint
    return "true" if blueprint and first.startswith(f"{blueprint}.") else None

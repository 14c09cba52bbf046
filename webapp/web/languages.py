"""The language of a page: chosen by hand, or else by the browser; sentences and numbers in it."""

from collections.abc import Mapping
from functools import cache
from io import BytesIO
from typing import Protocol
from urllib.parse import urlsplit

from babel import Locale, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Blueprint, Flask, Response, abort, current_app, redirect, request, url_for
from flask_babel import Babel, Domain, format_decimal, get_locale, gettext
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from webapp import assets
from webapp.errors import filled
from webapp.web.handlers import page_before
from webapp.web.marks import public

SOURCE = "en"
"""The language of the sentences in templates and code; it needs no catalogue."""

LANGUAGES: Mapping[str, str] = {
    SOURCE: "English",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "pt": "Português",
}
"""Each language by its own name; ``translations`` holds a catalogue for each but the source."""

COOKIE = "agelens-language"
_YEAR_SECONDS = 31_536_000

languages = Blueprint("languages", __name__)


class Translatable(Protocol):
    """A sentence with values, such as an error."""

    template: str
    values: Mapping[str, object]


class _Catalogues(Domain):
    """Reads the catalogues themselves: nothing is compiled beforehand, so nothing can be stale."""

    def get_translations(self) -> NullTranslations:
        return catalogue(language())


class _Babel(Babel):
    domain_instance = _Catalogues()  # type: ignore[no-untyped-call] # Flask-Babel's


@cache
def catalogue(code: str) -> NullTranslations:
    """The translations into a language."""
    if code == SOURCE:
        return NullTranslations()
    path = assets.directory("translations") / code / "LC_MESSAGES" / "messages.po"
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=code))
    compiled.seek(0)
    return Translations(compiled)


def speak_languages(app: Flask) -> None:
    """Choose a language for every request, and teach templates to speak it."""
    _Babel(app, locale_selector=_chosen)  # type: ignore[no-untyped-call] # Flask-Babel's
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.globals.update(languages=LANGUAGES, language=language, direction=direction)
    app.jinja_env.filters.update(translated=translated, number=format_decimal)
    app.register_blueprint(languages)
    app.after_request(_vary)


def language() -> str:
    """The language of this request's page, such as ``de``."""
    return str(get_locale() or SOURCE)


def direction() -> str:
    """Its direction of writing, as HTML's ``dir`` has it."""
    return str(Locale.parse(language()).text_direction)


def translated(message: Translatable) -> str:
    """A sentence in the page's language, and its numbers as people write them there."""
    return filled(
        gettext(message.template) if message.template else "", message.values, format_decimal
    )


@languages.get("/language/<code>")
@public
def choose(code: str) -> AnyResponse:
    """Remember a language in the browser, and go back to the page that the visitor saw."""
    if code not in LANGUAGES:
        abort(404)
    response = redirect(_page_seen(), 303)
    response.set_cookie(
        COOKIE,
        code,
        max_age=_YEAR_SECONDS,
        path=current_app.session_interface.get_cookie_path(current_app),
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )
    return response


def _page_seen() -> str:
    """The page of this site that led here; the upload page if that was the answer to a form."""
    page = page_before() or ""
    try:
        path = urlsplit(page).path.removeprefix(request.script_root)
        current_app.url_map.bind("").match(path, "GET")
    except HTTPException:
        return url_for("pages.upload")
    return page


def _chosen() -> str:
    by_hand = request.cookies.get(COOKIE)
    if by_hand is not None and by_hand in LANGUAGES:
        return by_hand
    wanted = [tag for tag, quality in request.accept_languages if quality]
    return negotiate_locale(wanted, LANGUAGES, sep="-") or SOURCE


def _vary(response: Response) -> Response:
    """Tell caches that a page depends on who asks for it."""
    if response.mimetype == "text/html":
        response.vary.update(["Accept-Language", "Cookie"])
    return response

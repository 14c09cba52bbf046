"""The files of a request that brings an album, which may be larger than any other request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Request, current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from webapp.settings import Settings
from webapp.web.errors import AlbumTooLarge
from webapp.web.handlers import answer_for, drain

# Fields beside the photos, and the bytes of all of them.
_FURTHER_PARTS = 20
_PART_BYTES = 1000


def accept_albums(blueprint: Blueprint) -> None:
    """Let the endpoint ``create`` of a blueprint take uploads as large as an album may be.

    The limits are set before any hook of a request reads its form, as the check for forged forms
    does: a preprocessor of values is the first of a request's hooks.
    """
    blueprint.url_value_preprocessor(_raise_limits)
    blueprint.register_error_handler(RequestEntityTooLarge, _too_large)


def files_of(request: Request) -> list[FileStorage]:
    """The files of the field ``photo``; large ones lie on the disk.

    Photos and ZIP files can be mixed.
    """
    return [file for file in request.files.getlist("photo") if file.filename]


def _raise_limits(endpoint: str | None, _: Mapping[str, Any] | None) -> None:
    if endpoint is not None and endpoint.endswith(".create"):
        parts = _settings().album_photos + _FURTHER_PARTS
        request.max_content_length = _settings().album_bytes + parts * _PART_BYTES
        request.max_form_parts = parts


def _too_large(_: RequestEntityTooLarge) -> ResponseReturnValue:
    drain()
    settings = _settings()
    return answer_for(
        AlbumTooLarge(
            f"An album has at most {settings.album_photos} photos "
            f"and {settings.album_bytes / 1e6:,.0f} MB."
        )
    )


def _settings() -> Settings:
    settings: Settings = current_app.extensions["agelens.albums"].settings
    return settings

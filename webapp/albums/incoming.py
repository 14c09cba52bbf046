"""The files of a request that brings an album, which may be larger than any other request."""

from __future__ import annotations

from flask import Blueprint, Request, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from webapp.services import services
from webapp.web.errors import AlbumTooLarge
from webapp.web.handlers import answer_for, drain
from webapp.web.marks import marks

# Fields beside the photos, and the bytes of all of them. A photo may come with files about it,
# which are left out.
_FURTHER_PARTS, _FILES_PER_PHOTO = 20, 3
_PART_BYTES = 1000


def allow_albums() -> None:
    """Let a view that takes albums read uploads as large as an album may be."""
    if marks().takes_album:
        settings = services().settings
        parts = _FILES_PER_PHOTO * settings.album_photos + _FURTHER_PARTS
        request.max_content_length = settings.album_bytes + parts * _PART_BYTES
        request.max_form_parts = parts


def handle_too_large(blueprint: Blueprint) -> None:
    """Tell those who send too much to a blueprint of albums what an album may have."""
    blueprint.register_error_handler(RequestEntityTooLarge, _too_large)


def files_of(request: Request) -> list[FileStorage]:
    """The files of the field ``photo``; large ones lie on the disk.

    Photos and ZIP files can be mixed.
    """
    return [file for file in request.files.getlist("photo") if file.filename]


def _too_large(_: RequestEntityTooLarge) -> ResponseReturnValue:
    drain()
    settings = services().settings
    return answer_for(
        AlbumTooLarge(
            f"An album has at most {settings.album_photos} photos "
            f"and {settings.album_bytes / 1e6:,.0f} MB."
        )
    )

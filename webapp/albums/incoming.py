"""The files of a request that brings an album."""

from __future__ import annotations

from flask import Request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from webapp.settings import Settings
from webapp.web.errors import AlbumTooLarge
from webapp.web.handlers import drain

# Fields beside the photos, and the bytes of all of them.
_FURTHER_PARTS = 20
_PART_BYTES = 1000


def files_of(request: Request, settings: Settings) -> list[FileStorage]:
    """The files of the field ``photo``; large ones lie on the disk. Raises AlbumTooLarge.

    Photos and ZIP files can be mixed.
    """
    parts = settings.album_photos + _FURTHER_PARTS
    request.max_content_length = settings.album_bytes + parts * _PART_BYTES
    request.max_form_parts = parts
    try:
        files = request.files.getlist("photo")
    except RequestEntityTooLarge as error:
        drain()
        raise AlbumTooLarge(
            f"An album has at most {settings.album_photos} photos "
            f"and {settings.album_bytes / 1e6:,.0f} MB."
        ) from error
    return [file for file in files if file.filename]

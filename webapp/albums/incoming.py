"""The files of a request that brings an album, which may be larger than any other request."""

from __future__ import annotations

import shutil
from functools import partial

from flask import Blueprint, Request, Response, after_this_request, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import default_stream_factory

from webapp.services import services
from webapp.web.errors import AlbumTooLarge
from webapp.web.handlers import answer_for, drain
from webapp.web.marks import marks
from webapp.web.uploads import NAMELESS, files_of, is_image

# Fields beside the photos, and the bytes of all of them. A photo may come with files about it,
# which are left out.
_FURTHER_PARTS, _FILES_PER_PHOTO = 20, 3
_PART_BYTES = 1000
_ZIP_TYPES = ("application/zip", "application/x-zip-compressed")


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


def album_files(request: Request) -> list[FileStorage]:
    """The photos and ZIP files of a request: the field ``photo``, or the body where that is sent
    as an image or a ZIP file. Large ones lie on the disk. Raises NoPhoto.
    """
    if not is_image(request) and request.mimetype not in _ZIP_TYPES:
        return files_of(request)
    file = FileStorage(default_stream_factory(request.content_length, None, None), NAMELESS)
    after_this_request(partial(_closing, file))
    shutil.copyfileobj(request.stream, file.stream)
    file.stream.seek(0)
    return [file]


def _closing(file: FileStorage, response: Response) -> Response:
    file.close()
    return response


def _too_large(_: RequestEntityTooLarge) -> ResponseReturnValue:
    drain()
    settings = services().settings
    return answer_for(
        AlbumTooLarge(
            f"An album has at most {settings.album_photos} photos "
            f"and {settings.album_bytes / 1e6:,.0f} MB; each photo is sent as a file, "
            "with a file name, in the field “photo”."
        )
    )

"""The files of an album upload, which may be larger than any other request."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Blueprint, Flask, Request, Response, after_this_request, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.formparser import default_stream_factory

from webapp.albums.errors import AlbumTooLarge
from webapp.results.upload import NAMELESS
from webapp.services import services
from webapp.settings import Settings
from webapp.web.handlers import answer_for
from webapp.web.marks import marks, marks_of
from webapp.web.uploads import files_of, is_image

# Fields beside the photos, and the bytes of all of them. A photo may come with files about it,
# which are left out.
_FURTHER_PARTS, _FILES_PER_PHOTO = 20, 3
_PART_BYTES = 1000
_ZIP_TYPES = ("application/zip", "application/x-zip-compressed")


def allow_albums() -> None:
    """Let a view that takes albums read uploads as large as an album may be."""
    if marks().takes_album:
        settings = services().settings
        request.max_content_length = _longest_album(settings)
        request.max_form_parts = _most_parts(settings)


def longest_body(app: Flask, environ: Mapping[str, Any]) -> int:
    """The longest body, in bytes, that the view of a WSGI request takes."""
    try:
        endpoint, _ = app.url_map.bind("").match(environ["PATH_INFO"], environ["REQUEST_METHOD"])
    except HTTPException:  # nobody reads it
        return 0
    if marks_of(app.view_functions[endpoint]).takes_album:
        return _longest_album(services(app).settings)
    longest: int = app.config["MAX_CONTENT_LENGTH"]
    return longest


def handle_too_large(blueprint: Blueprint) -> None:
    """Answer oversized album uploads with the limits of an album."""
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
    settings = services().settings
    return answer_for(
        AlbumTooLarge(
            f"An album has at most {settings.album_photos} photos "
            f"and {settings.album_bytes / 1e6:,.0f} MB; each photo is sent as a file, "
            "with a file name, in the field “photo”."
        )
    )


def _longest_album(settings: Settings) -> int:
    return settings.album_bytes + _most_parts(settings) * _PART_BYTES


def _most_parts(settings: Settings) -> int:
    return _FILES_PER_PHOTO * settings.album_photos + _FURTHER_PARTS

"""The files of an album upload, which may be larger than any other request."""

import shutil
from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Blueprint, Flask, Request, Response, after_this_request, current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.formparser import default_stream_factory
from werkzeug.http import parse_options_header

from webapp.albums.errors import AlbumTooLarge
from webapp.results.upload import NAMELESS
from webapp.services import services
from webapp.settings import Settings
from webapp.web.handlers import answer_for
from webapp.web.json_body import longest_base64
from webapp.web.marks import Marks, marks, marks_of
from webapp.web.uploads import files_of, is_image

# Fields besides the photos, and their total bytes. A photo may come with files about it,
# which are left out.
_FURTHER_PARTS, _FILES_PER_PHOTO = 20, 3
_PART_BYTES = 1000
# Forms that can hold no photo. All of such a body is read at once, as up to fifty times its bytes.
_WITHOUT_FILES = "application/x-www-form-urlencoded"
_ZIP_TYPES = ("application/zip", "application/x-zip-compressed")


def allow_long_bodies() -> None:
    """Let a view read bodies as long as its marks say: those of albums, and base64."""
    request.max_content_length = _longest(current_app, marks(), request.mimetype)
    if marks().takes_album:
        request.max_form_parts = _most_parts(services().settings)


def longest_body(app: Flask, environ: Mapping[str, Any]) -> int:
    """The longest body, in bytes, that the view of a WSGI request takes."""
    try:
        endpoint, _ = app.url_map.bind("").match(environ["PATH_INFO"], environ["REQUEST_METHOD"])
    except HTTPException:  # nobody reads it
        return 0
    mimetype, _ = parse_options_header(environ.get("CONTENT_TYPE"))
    return _longest(app, marks_of(app.view_functions[endpoint]), mimetype.lower())


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
            "An album has at most %(count)s photos and %(size)s MB; each photo is sent as a file, "
            "with a file name, in the field “photo”.",
            count=settings.album_photos,
            size=round(settings.album_bytes / 1e6),
        )
    )


def _longest(app: Flask, marks: Marks, mimetype: str) -> int:
    """The longest body, in bytes, that a view with these marks takes."""
    if mimetype == _WITHOUT_FILES:
        return int(app.config["MAX_FORM_MEMORY_SIZE"])
    settings, longest = services(app).settings, int(app.config["MAX_CONTENT_LENGTH"])
    if marks.takes_album:
        return settings.album_bytes + _most_parts(settings) * _PART_BYTES
    if marks.takes_base64:
        return longest - settings.max_bytes + longest_base64(settings.max_bytes)
    return longest


def _most_parts(settings: Settings) -> int:
    return _FILES_PER_PHOTO * settings.album_photos + _FURTHER_PARTS

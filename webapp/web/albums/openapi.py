"""The operations on albums, in the OpenAPI document."""

from __future__ import annotations

from webapp.albums.errors import AlbumTooLarge, RefusedArchive
from webapp.albums.worker import LOST
from webapp.results.store.errors import StoreFull, StoreUnavailable, UnknownResult, UnreadableRecord
from webapp.results.store.result_store import ID_PATTERN
from webapp.settings import Settings
from webapp.vision import errors as vision
from webapp.vision.models import ModelRegistry
from webapp.web.errors import CrossSiteRequest, InvalidOption
from webapp.web.openapi.parts import (
    UPLOADING,
    JsonObject,
    Paths,
    answer,
    problems,
    reference,
    strict,
)
from webapp.web.openapi.photos import PHOTO_KINDS, UPLOAD_ERRORS, form, photo_file

PHOTO_ERRORS = (
    vision.UnreadablePhoto,
    vision.NotAPhoto,
    vision.UnsupportedPhoto,
    vision.PhotoTooLarge,
    vision.PhotoTooCostly,
    vision.ModelFileMissing,
    vision.ModelFileCorrupt,
    vision.UnknownDetector,
    vision.UnknownModel,
    vision.InvalidCard,
)
"""The errors that a photo may end in, apart from the loss of its worker."""

_COUNT = {"type": "integer", "minimum": 0}
ALBUM = strict(
    {
        "id": {"type": "string", "pattern": f"^{ID_PATTERN}$"},
        "total": {"type": "integer", "minimum": 1},
        "done": _COUNT,
        "left_out": {**_COUNT, "description": "Files of the upload that are not photos."},
        "expires": {"type": "string", "format": "date-time"},
        "photos": {
            "type": "array",
            "items": {
                "oneOf": [
                    reference("Analysis"),
                    strict({"photo": {"type": "string"}, "status": {"const": "waiting"}}),
                    strict(
                        {
                            "photo": {"type": "string"},
                            "error": strict(
                                {
                                    "code": {
                                        "enum": [LOST.code, *(one.code for one in PHOTO_ERRORS)]
                                    },
                                    "message": {"type": "string"},
                                }
                            ),
                        }
                    ),
                ]
            },
        },
    }
)
_ALBUM_ID: JsonObject = {
    "name": "album_id",
    "in": "path",
    "required": True,
    "schema": ALBUM["properties"]["id"],
}
_LOCATION: JsonObject = {
    "description": "Where to ask for progress and results.",
    "required": True,
    "schema": {"type": "string", "format": "uri-reference"},
}
_LINK = {"parameters": {"album_id": "$response.body#/id"}}


def album_paths(settings: Settings, registry: ModelRegistry) -> Paths:
    """The operations on albums, for what this server offers and allows."""
    photos = {
        "type": "array",
        "items": photo_file(settings),
        "minItems": 1,
        "maxItems": settings.album_photos,
        "description": f"Photos or ZIP files of photos, at most {settings.album_photos} photos "
        f"and {settings.album_bytes} bytes in all.",
    }
    body = form(photos, registry)
    alone = {"schema": photo_file(settings)}
    body["content"].update(dict.fromkeys((*PHOTO_KINDS, "application/zip"), alone))
    taken = answer("Stored and queued.", ALBUM, {"Location": _LOCATION})
    create = {
        "operationId": "createAlbum",
        "summary": "Send many photos to be analysed.",
        "requestBody": body,
        "responses": {
            "202": {
                **taken,
                "links": {
                    "show": {"operationId": "showAlbum", **_LINK},
                    "delete": {"operationId": "deleteAlbum", **_LINK},
                },
            },
            **problems(
                *UPLOAD_ERRORS,
                AlbumTooLarge,
                RefusedArchive,
                StoreUnavailable,
                StoreFull,
                statuses=UPLOADING,
            ),
        },
    }
    show = {
        "operationId": "showAlbum",
        "summary": "Progress and results.",
        "responses": {
            "200": answer("Its current state.", ALBUM),
            **problems(UnknownResult, InvalidOption, StoreUnavailable, UnreadableRecord),
        },
    }
    delete = {
        "operationId": "deleteAlbum",
        "summary": "Delete photos and results at once.",
        "responses": {
            "204": {"description": "Removed."},
            **problems(UnknownResult, InvalidOption, StoreUnavailable, CrossSiteRequest),
        },
    }
    return {
        "/api/v1/albums": {"post": create},
        "/api/v1/albums/{album_id}": {"parameters": [_ALBUM_ID], "get": show, "delete": delete},
    }

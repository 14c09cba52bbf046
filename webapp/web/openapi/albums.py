"""The operations on albums, in the OpenAPI document."""

from webapp.albums.errors import AlbumInReceipt, AlbumTooLarge, KeyReused, RefusedArchive
from webapp.albums.worker import LOST
from webapp.results.store.errors import StoreFull, StoreUnavailable, UnknownResult, UnreadableRecord
from webapp.results.store.result_store import ID_PATTERN
from webapp.settings import Settings
from webapp.vision import errors as vision
from webapp.web.albums.api import IDEMPOTENCY_KEY, KEY_PATTERN
from webapp.web.errors import CrossSiteRequest, InvalidOption
from webapp.web.openapi.examples import ALBUM
from webapp.web.openapi.parts import JsonObject, Paths, answer, reference, strict
from webapp.web.openapi.photos import PHOTO_BODY, SCHEMA_OF, UPLOAD_ERRORS, parameters, photo_file
from webapp.web.openapi.problems import UPLOADING, problems
from webapp.web.uploads import CHOICES

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

_ZIP = "application/zip"
_COUNT = {"type": "integer", "minimum": 0}
_ID = {"type": "string", "pattern": f"^{ID_PATTERN}$"}
_NAME = {"type": "string"}
_SCHEMAS: JsonObject = {
    "Album": strict(
        {
            "id": _ID,
            "total": {"type": "integer", "minimum": 1},
            "done": _COUNT,
            "left_out": {**_COUNT, "description": "Files of the upload that are not photos."},
            "expires": {"type": "string", "format": "date-time"},
            "numbers": {
                "type": "array",
                "items": {"type": "integer", "minimum": 1},
                "description": "The number of each of the photos, in their order. A photo keeps it "
                "when others are deleted.",
            },
            "photos": {
                "type": "array",
                "items": {
                    "oneOf": [
                        reference("Analysis"),
                        reference("WaitingPhoto"),
                        reference("FailedPhoto"),
                    ]
                },
            },
        }
    ),
    "WaitingPhoto": strict({"photo": _NAME, "status": {"const": "waiting"}}),
    "FailedPhoto": strict({"photo": _NAME, "error": reference("PhotoError")}),
    "PhotoError": strict(
        {
            "code": {"type": "string", "enum": [LOST.code, *(one.code for one in PHOTO_ERRORS)]},
            "message": {"type": "string"},
        }
    ),
}

_ALBUM_ID: JsonObject = {
    "name": "album_id",
    "in": "path",
    "required": True,
    "description": "As in the response to the upload.",
    "schema": _ID,
    "example": ALBUM["id"],
}
_NUMBER: JsonObject = {
    "name": "number",
    "in": "path",
    "required": True,
    "description": "As in the `numbers` of the album.",
    "schema": {"type": "integer", "minimum": 1, "maximum": 999999},
    "example": 1,
}
_LOCATION: JsonObject = {
    "description": "Where to ask for progress and results.",
    "required": True,
    "schema": {"type": "string", "format": "uri-reference"},
}
_IDEMPOTENCY_KEY: JsonObject = {
    "name": IDEMPOTENCY_KEY,
    "in": "header",
    "description": "Any text of your own. Sent again with the same key within a day, the same "
    "photos and options lead to the same album.",
    "schema": {"type": "string", "pattern": f"^{KEY_PATTERN}$"},
    "example": "9d0c5c1e-7e1c-4f4a-8d0a-3a0b8f5c2f6e",
}
_LINK = {"parameters": {"album_id": "$response.body#/id"}}


def album_paths(settings: Settings) -> Paths:
    """The operations on albums, for what this server offers and allows."""
    body = {
        "multipart/form-data": {"schema": reference("AlbumForm")},
        PHOTO_BODY: {"schema": photo_file(settings)},
        _ZIP: {"schema": photo_file(settings)},
    }
    taken = answer("Stored and queued.", reference("Album"), ALBUM, {"Location": _LOCATION})
    create = {
        "operationId": "create_album",
        "tags": ["albums"],
        "summary": "Send many photos to be analysed.",
        "description": "By the time of the response, all of them are stored and will be analysed.",
        "parameters": [_IDEMPOTENCY_KEY, *parameters(CHOICES)],
        "requestBody": {"required": True, "content": body},
        "responses": {
            "202": {
                **taken,
                "links": {
                    "show": {"operationId": "get_album", **_LINK},
                    "delete": {"operationId": "delete_album", **_LINK},
                },
            },
            **problems(
                *UPLOAD_ERRORS,
                AlbumTooLarge,
                AlbumInReceipt,
                KeyReused,
                RefusedArchive,
                StoreUnavailable,
                StoreFull,
                statuses=UPLOADING,
            ),
        },
    }
    return {
        "/api/v1/albums": {"post": create},
        "/api/v1/albums/{album_id}": _one_album(),
        "/api/v1/albums/{album_id}/photos/{number}": _one_photo(),
    }


def _one_album() -> JsonObject:
    show = {
        "operationId": "get_album",
        "tags": ["albums"],
        "summary": "Progress and results.",
        "description": "Each photo is analysed, waiting, or has an error with the reason.",
        "responses": {
            "200": answer("Its current state.", reference("Album"), ALBUM),
            **problems(UnknownResult, InvalidOption, StoreUnavailable, UnreadableRecord),
        },
    }
    delete = {
        "operationId": "delete_album",
        "tags": ["albums"],
        "summary": "Delete photos and results at once.",
        "description": "Photos still waiting are not analysed any more.",
        "responses": {
            "204": {"description": "Removed."},
            **problems(UnknownResult, InvalidOption, StoreUnavailable, CrossSiteRequest),
        },
    }
    return {"parameters": [_ALBUM_ID], "get": show, "delete": delete}


def _one_photo() -> JsonObject:
    delete = {
        "operationId": "delete_album_photo",
        "tags": ["albums"],
        "summary": "Delete one photo and its results at once.",
        "description": "The others keep their numbers. The album is deleted with its last photo.",
        "responses": {
            "204": {"description": "Removed."},
            **problems(
                UnknownResult,
                InvalidOption,
                StoreUnavailable,
                StoreFull,
                UnreadableRecord,
                CrossSiteRequest,
            ),
        },
    }
    return {"parameters": [_ALBUM_ID, _NUMBER], "delete": delete}


def album_schemas(settings: Settings) -> JsonObject:
    """An album, what can become of its photos, and the form to send them in."""
    photos = {
        "type": "array",
        "items": photo_file(settings),
        "minItems": 1,
        "maxItems": settings.album_photos,
        "description": f"Photos or ZIP files of photos, at most {settings.album_photos} photos "
        f"and {settings.album_bytes} bytes in all.",
    }
    options = {name: reference(SCHEMA_OF[name]) for name in CHOICES}
    return _SCHEMAS | {"AlbumForm": strict({"photo": photos}, options)}

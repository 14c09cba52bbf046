"""The API's own description, OpenAPI 3.1: made from what the code itself goes by.

What several operations share is here, and the operations of single photos and of health; those of
albums are in ``webapp.albums.openapi``. ``create_app`` joins them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from itertools import permutations
from typing import Any, get_args

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from webapp.settings import Settings
from webapp.vision.analyzer import Registry
from webapp.vision.buckets import BUCKETS
from webapp.vision.errors import (
    ModelFileMissing,
    NotAPhoto,
    PhotoTooLarge,
    UnknownDetector,
    UnknownModel,
    UnreadablePhoto,
)
from webapp.vision.model_choice import TASKS
from webapp.vision.types import GenderLabel
from webapp.web.errors import (
    RETRY_AFTER_SECONDS,
    STATUS,
    Busy,
    CrossSiteRequest,
    InvalidOption,
    NoPhoto,
    SeveralPhotos,
    problem_of_status,
)

JsonObject = dict[str, Any]
Paths = Mapping[str, JsonObject]
Operations = Callable[[Settings, Registry], Paths]

SECURITY: JsonObject = {}
"""Security schemes by name, where the API asks who is there; every operation then needs one of
them.
"""

UNIVERSAL = (400, 500)
"""Statuses of the framework that any operation can answer with: a request that is no HTTP, and our
own fault.
"""

PHOTO_KINDS = tuple(
    f"image/{kind}" for kind in ("jpeg", "png", "webp", "gif", "bmp", "tiff", "avif", "heic")
)
"""What photos are usually sent as; the server looks at the file alone."""

CHOICE_ERRORS = (InvalidOption, UnknownDetector, UnknownModel, ModelFileMissing)
UPLOAD_ERRORS = (NoPhoto, CrossSiteRequest, Busy, *CHOICE_ERRORS)


def document_blueprint(
    settings: Settings, registry: Registry, operations: Sequence[Operations]
) -> Blueprint:
    """Serves the document of these operations at ``/api/openapi.json``.

    It is made anew each time: a network that was installed meanwhile is offered.
    """
    blueprint = Blueprint("openapi", __name__)

    @blueprint.get("/api/openapi.json")
    def show() -> ResponseReturnValue:
        described: dict[str, JsonObject] = {}
        for of in operations:
            described.update(of(settings, registry))
        return jsonify(document(described))

    return blueprint


def document(paths: Paths) -> JsonObject:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "agelens",
            "version": metadata.version("agelens"),
            "summary": "Every face in a photo, its age bucket and gender, with honest confidences.",
            "description": (
                "Every error is a JSON object with a stable code and one sentence. An address "
                f"that does not exist is a 404 (`{problem_of_status(404).code}`), a method that "
                f"it does not answer a 405 (`{problem_of_status(405).code}`)."
            ),
        },
        "paths": {**OWN_PATHS, **paths},
        "components": {"schemas": SCHEMAS, "securitySchemes": SECURITY},
        "security": [{name: []} for name in SECURITY],
    }


def photo_paths(settings: Settings, registry: Registry) -> Paths:
    """The operations on a single photo, for what this server offers and allows."""
    body = form({**photo_file(settings), "minLength": 1}, registry)
    body["content"]["multipart/form-data"]["encoding"] = {
        "photo": {"contentType": ", ".join(PHOTO_KINDS)}
    }
    errors = (*UPLOAD_ERRORS, SeveralPhotos, UnreadablePhoto, NotAPhoto, PhotoTooLarge)
    analyze = {
        "operationId": "analyzePhoto",
        "summary": "Analyse one photo; nothing is kept.",
        "requestBody": body,
        "responses": {"200": answer("What was found.", reference("Analysis")), **problems(*errors)},
    }
    return {"/api/v1/analyses": {"post": analyze}}


def form(photo: JsonObject, registry: Registry) -> JsonObject:
    """The request body of an upload: the field ``photo``, and the choices for it; "" means the
    default.
    """
    choices = {
        "detector": {"enum": ["", *registry.detectors]},
        "model": {"enum": ["", *_models(registry)]},
        "threshold": {
            "description": "Least confidence of a detection.",
            "anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"const": ""}],
        },
        "turn": {
            "description": "Quarter turns clockwise, before faces are looked for.",
            "enum": ["", "0", "1", "2", "3"],
        },
    }
    properties = {"photo": photo, **choices}
    schema = {"type": "object", "required": ["photo"], "properties": properties}
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


def photo_file(settings: Settings) -> JsonObject:
    """The schema of one file."""
    return {
        "type": "string",
        "contentMediaType": "application/octet-stream",
        "description": (
            f"A JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC file of at most {settings.max_bytes} "
            f"bytes and {settings.max_pixels} pixels, with a file name."
        ),
    }


def answer(description: str, schema: JsonObject, headers: JsonObject | None = None) -> JsonObject:
    """A response with a JSON body."""
    content = {"application/json": {"schema": schema}}
    return {"description": description, "content": content, **({"headers": headers or {}})}


def problems(*errors: type[Exception]) -> JsonObject:
    """The responses that stand for our own exceptions and for ``UNIVERSAL``, by status."""
    codes: dict[int, list[str]] = {}
    for status in UNIVERSAL:
        codes[status] = [problem_of_status(status).code]
    for error in errors:
        codes.setdefault(STATUS[error], []).append(error.code)  # type: ignore[attr-defined]
    return {str(int(status)): _problem(codes[status]) for status in sorted(codes)}


def _problem(codes: Sequence[str]) -> JsonObject:
    described = strict({"code": {"enum": sorted(set(codes))}, "message": {"type": "string"}})
    headers = {"Retry-After": RETRY_AFTER} if Busy.code in codes else {}
    return answer("No answer: " + ", ".join(codes) + ".", strict({"error": described}), headers)


def strict(properties: JsonObject) -> JsonObject:
    """An object that has exactly these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def reference(name: str) -> JsonObject:
    """The schema of that name."""
    return {"$ref": f"#/components/schemas/{name}"}


def _models(registry: Registry) -> list[str]:
    """The networks that can be used here, alone and two by two."""
    singles = [name for name in registry.models if registry.missing(name) is None]
    cards = registry.cards
    parts = [name for name in singles if name in cards and cards[name].combines is None]
    pairs = [
        f"age={age},gender={gender}"
        for age, gender in permutations(parts, 2)
        if TASKS[0] in cards[age].tasks and TASKS[1] in cards[gender].tasks
    ]
    return [*singles, *pairs]


RETRY_AFTER: JsonObject = {
    "description": "Seconds after which to try again.",
    "required": True,
    "schema": {"type": "integer", "const": RETRY_AFTER_SECONDS},
}
_TEXT = {"type": "string"}
_PIXELS = {"type": "integer"}
_PROBABILITY = {"type": "number", "minimum": 0, "maximum": 1}
_SOME_YEARS = {"type": ["number", "null"], "minimum": 0}
_MILLISECONDS = {"type": "number", "minimum": 0}
_POINT = {"type": "array", "items": _PIXELS, "minItems": 2, "maxItems": 2}
_POINTS = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")

SCHEMAS: JsonObject = {
    "Analysis": strict(
        {
            "photo": _TEXT,
            "width": {"type": "integer", "minimum": 1},
            "height": {"type": "integer", "minimum": 1},
            "detector": _TEXT,
            "model": _TEXT,
            "model_version": _TEXT,
            "models": strict(dict.fromkeys(TASKS, _TEXT)),
            "faces": {"type": "array", "items": reference("Face")},
            "timings_ms": strict(dict.fromkeys(("decode", "detect", "estimate"), _MILLISECONDS)),
        }
    ),
    "Face": strict(
        {
            "box": strict(dict.fromkeys(("x", "y", "width", "height"), _PIXELS)),
            "detection_confidence": _PROBABILITY,
            "landmarks": {"anyOf": [strict(dict.fromkeys(_POINTS, _POINT)), {"type": "null"}]},
            "age": strict(
                {
                    "bucket": {"enum": list(BUCKETS)},
                    "confidence": _PROBABILITY,
                    "years": _SOME_YEARS,
                    "distribution": strict(dict.fromkeys(BUCKETS, _PROBABILITY)),
                }
            ),
            "gender": strict(
                {
                    "label": {"enum": list(get_args(GenderLabel))},
                    "confidence": {"type": "number", "minimum": 0.5, "maximum": 1},
                }
            ),
        }
    ),
}

OWN_PATHS: Paths = {
    "/api/openapi.json": {
        "get": {
            "operationId": "showDocument",
            "summary": "This document.",
            "responses": {
                "200": answer("OpenAPI 3.1.", {"type": "object", "required": ["openapi"]}),
                **problems(),
            },
        }
    },
    "/healthz": {
        "get": {
            "operationId": "alive",
            "summary": "Whether the server lives.",
            "responses": {"200": answer("It does.", strict({"status": {"const": "ok"}}))},
            "security": [],
        }
    },
    "/readyz": {
        "get": {
            "operationId": "ready",
            "summary": "Whether the networks are loaded.",
            "responses": {
                "200": answer("They are.", strict({"status": {"const": "ready"}})),
                "503": answer("Not yet.", strict({"status": {"const": "starting"}})),
            },
            "security": [],
        }
    },
}

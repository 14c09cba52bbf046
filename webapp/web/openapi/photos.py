"""The operations on single photos, and what uploads of photos have in common."""

from __future__ import annotations

from itertools import permutations

from webapp.settings import Settings
from webapp.vision.errors import (
    DecoderUnavailable,
    ModelFileMissing,
    NotAPhoto,
    PhotoTooCostly,
    PhotoTooLarge,
    UnknownDetector,
    UnknownModel,
    UnreadablePhoto,
    UnsupportedPhoto,
)
from webapp.vision.model_choice import TASKS
from webapp.vision.models import ModelRegistry
from webapp.vision.types import Analysis
from webapp.web.errors import Busy, CrossSiteRequest, InvalidOption, NoPhoto, SeveralPhotos
from webapp.web.openapi.parts import (
    UPLOADING,
    JsonObject,
    Paths,
    answer,
    described,
    problems,
    reference,
)

PHOTO_KINDS = tuple(
    f"image/{kind}" for kind in ("jpeg", "png", "webp", "gif", "bmp", "tiff", "avif", "heic")
)
"""Usual content types of photos; the server looks only at the file."""

CHOICE_ERRORS = (InvalidOption, UnknownDetector, UnknownModel, ModelFileMissing)
DECODING_ERRORS = (
    UnreadablePhoto,
    NotAPhoto,
    UnsupportedPhoto,
    PhotoTooLarge,
    PhotoTooCostly,
    DecoderUnavailable,
)
UPLOAD_ERRORS = (NoPhoto, CrossSiteRequest, Busy, *CHOICE_ERRORS)

SCHEMAS: JsonObject = described(Analysis, {"photo": {"type": "string"}})
"""The answer for one photo and its parts, as the pipeline's own dataclasses have them."""


def photo_paths(settings: Settings, registry: ModelRegistry) -> Paths:
    """The operations on a single photo, for what this server offers and allows."""
    body = form({**photo_file(settings), "minLength": 1}, registry)
    body["content"]["multipart/form-data"]["encoding"] = {
        "photo": {"contentType": ", ".join(PHOTO_KINDS)}
    }
    body["content"].update({kind: {"schema": photo_file(settings)} for kind in PHOTO_KINDS})
    errors = (*UPLOAD_ERRORS, SeveralPhotos, *DECODING_ERRORS)
    analyze = {
        "operationId": "analyzePhoto",
        "summary": "Analyse one photo; nothing is stored.",
        "requestBody": body,
        "responses": {
            "200": answer("What was found.", reference("Analysis")),
            **problems(*errors, statuses=UPLOADING),
        },
    }
    return {"/api/v1/analyses": {"post": analyze}}


def form(photo: JsonObject, registry: ModelRegistry) -> JsonObject:
    """The request body of an upload: the field ``photo``, and the choices for it; "" means the
    default.
    """
    choices = {
        "detector": {"enum": ["", *registry.usable_detectors]},
        "model": {"enum": ["", *_models(registry)]},
        "threshold": {
            "description": "Drops detections below this confidence; empty: the detector's own.",
            "type": ["number", "string"],
            "minimum": 0,
            "maximum": 1,
            "maxLength": 0,
        },
        "turn": {
            "description": "Quarter turns clockwise; auto: those that show faces upright.",
            "enum": ["", "auto", "0", "1", "2", "3"],
        },
    }
    properties = {"photo": photo, **choices}
    schema = {
        "type": "object",
        "required": ["photo"],
        "properties": properties,
        "additionalProperties": False,
    }
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


def _models(registry: ModelRegistry) -> list[str]:
    """The networks that can be used here, alone and two by two."""
    singles = [name for name in registry.models if registry.missing(name) is None]
    cards = registry.cards
    parts = [name for name in singles if cards[name].combines is None]
    pairs = [
        f"age={age},gender={gender}"
        for age, gender in permutations(parts, 2)
        if TASKS[0] in cards[age].tasks and TASKS[1] in cards[gender].tasks
    ]
    return [*singles, *pairs]

"""The operations on single photos, and what uploads of photos have in common."""

import re
from collections.abc import Sequence
from itertools import permutations

from webapp.results.schema import SELECTABLE
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
from webapp.web.api import CSV, FIELDS, JPEG, JSON
from webapp.web.errors import (
    Busy,
    CrossSiteRequest,
    InvalidOption,
    NoPhoto,
    NotAcceptable,
    SeveralPhotos,
)
from webapp.web.openapi.examples import ANALYSIS, CSV_EXAMPLE, SMALLEST_PHOTO
from webapp.web.openapi.parts import BINARY, JsonObject, Paths, answer, described, reference, strict
from webapp.web.openapi.problems import UPLOADING, problems
from webapp.web.uploads import CHOICES

PHOTO_BODY = "image/*"
"""The content type of a body that is a photo; the server looks only at the file."""

_FIELD = f"({'|'.join(re.escape(name) for name in SELECTABLE)})"

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


def photo_schemas(settings: Settings, registry: ModelRegistry) -> JsonObject:
    """The answer for one photo and its parts, as the pipeline's own dataclasses have them, and the
    same with only some of their fields; the ways to ask for it.
    """
    schemas = described(Analysis, {"photo": {"type": "string"}})
    partial = dict(schemas["Analysis"]["properties"])
    partial["faces"] = {"type": "array", "items": reference("PartialFace")}
    face = schemas["Face"]["properties"]
    only = "With only those fields that were asked for."
    schemas["PartialAnalysis"] = {"description": only, **strict({}, partial)}
    schemas["PartialFace"] = {"description": only, **strict({}, face)}
    return schemas | _choices(registry) | _forms(settings)


def photo_paths(settings: Settings) -> Paths:
    """The operations on a single photo, for what this server offers and allows."""
    answered = answer(
        "What was found: all of it, or the fields asked for; as CSV, a row per face; as JPEG, the "
        "photo with boxes and labels.",
        {"anyOf": [reference("Analysis"), reference("PartialAnalysis")]},
        ANALYSIS,
    )
    answered["content"][CSV] = {"schema": {"type": "string"}, "example": CSV_EXAMPLE}
    answered["content"][JPEG] = {"schema": BINARY}
    errors = (*UPLOAD_ERRORS, SeveralPhotos, NotAcceptable, *DECODING_ERRORS)
    analyze = {
        "operationId": "analyze_photo",
        "tags": ["photos"],
        "summary": "Analyse one photo.",
        "description": (
            "Finds every face in it, and estimates its age and gender. Nothing is stored. Options "
            "stand beside the photo or in the address, each once. The header `Accept` chooses "
            "between JSON, CSV and the annotated picture."
        ),
        "parameters": parameters((*CHOICES, FIELDS)),
        "requestBody": {"required": True, "content": _bodies(settings)},
        "responses": {"200": answered, **problems(*errors, statuses=UPLOADING)},
    }
    return {"/api/v1/analyses": {"post": analyze}}


def _bodies(settings: Settings) -> JsonObject:
    """The ways to send one photo."""
    return {
        "multipart/form-data": {
            "schema": reference("PhotoForm"),
            "encoding": {"photo": {"contentType": PHOTO_BODY}},
        },
        PHOTO_BODY: {"schema": photo_file(settings)},
        JSON: {"schema": reference("PhotoInJson"), "example": {"photo": SMALLEST_PHOTO}},
    }


def _forms(settings: Settings) -> JsonObject:
    """The form and the JSON object that hold one photo."""
    file = {**photo_file(settings), "minLength": 1}
    in_base64 = {
        "type": "string",
        "format": "byte",
        "contentEncoding": "base64",
        "minLength": 1,
        "description": "The file in base64, or a data URI.",
    }
    options = {name: reference(SCHEMA_OF[name]) for name in (*CHOICES, FIELDS)}
    or_null = {name: {"anyOf": [one, {"type": "null"}]} for name, one in options.items()}
    return {
        "PhotoForm": strict({"photo": file}, options),
        "PhotoInJson": strict({"photo": in_base64}, or_null),
    }


SCHEMA_OF = {
    "detector": "DetectorName",
    "model": "ModelName",
    "threshold": "Threshold",
    "turn": "Turn",
    "fields": "Fields",
}
"""The options of an analysis, and the names of their schemas."""


def _choices(registry: ModelRegistry) -> JsonObject:
    """The schemas of all options; "" means the default."""
    return {
        "DetectorName": _one_of("Finds the faces.", registry.usable_detectors),
        "ModelName": _one_of("Estimates age and gender.", _models(registry)),
        "Threshold": {
            "description": "Drops detections below this confidence; empty: the detector's own.",
            "type": ["number", "string"],
            "minimum": 0,
            "maximum": 1,
            "maxLength": 0,
        },
        "Turn": _one_of(
            "Quarter turns clockwise; auto: those that show faces upright.",
            ("auto", "0", "1", "2", "3"),
        ),
        "Fields": {
            "description": "Parts of the answer, separated by commas: " + ", ".join(SELECTABLE),
            "type": "string",
            "pattern": f"^({_FIELD}(,{_FIELD})*)?$",
            "example": "faces.age,faces.gender",
        },
    }


def parameters(names: Sequence[str]) -> list[JsonObject]:
    """These options in the address."""
    return [
        {
            "name": name,
            "in": "query",
            "description": "The same as beside the photo.",
            "schema": reference(SCHEMA_OF[name]),
        }
        for name in names
    ]


def photo_file(settings: Settings) -> JsonObject:
    """The schema of one file."""
    return {
        **BINARY,
        "contentMediaType": "application/octet-stream",
        "description": (
            f"A JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC file of at most {settings.max_bytes} "
            f"bytes and {settings.max_pixels} pixels."
        ),
    }


def _one_of(description: str, names: Sequence[str]) -> JsonObject:
    """One of these names or none; generators of clients write them as ``x-enum-varnames`` says."""
    written = [re.sub(r"\W+", "_", name).upper() for name in names]
    return {
        "description": description,
        "type": "string",
        "enum": ["", *names],
        "x-enum-varnames": [
            "DEFAULT",
            *(f"TURN_{one}" if one.isdecimal() else one for one in written),
        ],
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

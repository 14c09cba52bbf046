"""CompreFace's detection service: ``POST /api/v1/detection/detect``, API of version 1.

Its documentation is docs/Rest-API-description.md of exadel-inc/CompreFace. Faces come with a box,
and with what ``face_plugins`` names. That no face was found is an error there, with the code 28.
"""

from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Request, jsonify, request
from flask.typing import ResponseReturnValue

from webapp.results.schema import DIGITS
from webapp.services import services
from webapp.vision.types import Analysis, Face
from webapp.web.compatible.requests import photo_of, refuse_others, truth_of, words_of
from webapp.web.errors import InvalidOption, NoPhoto, Problem
from webapp.web.marks import costly, for_programs, takes_base64
from webapp.web.uploads import choices_from

compreface = Blueprint("compreface", __name__)

PLUGINS = ("age", "gender", "landmarks")
NO_FACE_CODE = 28


class NoFaceFound(NoPhoto):
    """The photo has no face, which is an error for CompreFace alone."""

    code = "no_face"


def error_body(problem: Problem) -> tuple[int, dict[str, Any]]:
    """An error in CompreFace's form; those without a documented code have that of HTTP."""
    code = NO_FACE_CODE if problem.code == NoFaceFound.code else problem.status
    return problem.status, {"message": problem.message, "code": code}


@compreface.post("/api/v1/detection/detect")
@costly
@takes_base64
@for_programs(error_body)
def detect() -> ResponseReturnValue:
    options = options_of(request)
    plugins = words_of(options.get("face_plugins", ""))
    refuse_others(plugins, PLUGINS)
    limit = _limit(options.get("limit", "0"))
    status = truth_of(options.get("status"), default=False)
    choices = choices_from({"threshold": options.get("det_prob_threshold", "")})
    analysis = services().photos.analyze(photo_of(request, "file"), choices)
    if not analysis.faces:
        raise NoFaceFound("There is no face in this photo.")
    faces = sorted(analysis.faces, key=lambda face: face.box.area, reverse=True)
    timings = {"execution_time": _timings(analysis, plugins)} if status else {}
    answer: dict[str, Any] = {
        "result": [_face(face, plugins) | timings for face in faces[: limit or None]]
    }
    if status:
        answer["plugins_versions"] = _versions(analysis, plugins)
    return jsonify(answer)


def options_of(request: Request) -> dict[str, str]:
    """The options in the address; the JavaScript SDK writes ``?`` between them, too."""
    return dict(parse_qsl(request.query_string.decode("ascii", "replace").replace("?", "&")))


def _limit(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise InvalidOption("The limit must be a whole number; 0 means no limit.")
    return int(text)


def _face(face: Face, plugins: list[str]) -> dict[str, Any]:
    low, high = face.age.bucket.split("-")
    known: dict[str, Any] = {
        "age": {
            "probability": round(face.age.confidence, DIGITS),
            "high": int(high),
            "low": int(low),
        },
        "gender": {
            "probability": round(face.gender.confidence, DIGITS),
            "value": face.gender.label,
        },
        "landmarks": face.landmarks and [list(point) for point in face.landmarks.points()],
    }
    box = {
        "probability": round(face.detection_confidence or 0.0, DIGITS),
        "x_max": face.box.right,
        "y_max": face.box.bottom,
        "x_min": face.box.x,
        "y_min": face.box.y,
    }
    return {name: value for name, value in known.items() if name in plugins} | {"box": box}


def _timings(analysis: Analysis, plugins: list[str]) -> dict[str, float]:
    """Milliseconds; age and gender are estimated in one step, for all faces."""
    estimating = analysis.timings_ms["estimate"]
    asked = dict.fromkeys((name for name in plugins if name != "landmarks"), estimating)
    return {"detector": analysis.timings_ms["detect"], **asked}


def _versions(analysis: Analysis, plugins: list[str]) -> dict[str, str]:
    models = {"age": analysis.models.age, "gender": analysis.models.gender}
    asked = {name: model for name, model in models.items() if name in plugins}
    return {"detector": analysis.detector, **asked}

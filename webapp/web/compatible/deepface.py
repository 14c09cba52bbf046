"""DeepFace's REST service: ``POST /analyze``.

Its documentation is the section "API" of the README of serengil/deepface. Shares of a gender are
percentages; eyes are named as the person has them, not as the picture shows them.
"""

from collections.abc import Collection, Mapping
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from webapp.results.schema import Choices
from webapp.services import services
from webapp.vision.types import Face
from webapp.web.compatible.requests import fields_of, photo_of, refuse_others, truth_of, words_of
from webapp.web.errors import InvalidOption, Problem
from webapp.web.marks import costly, for_programs, takes_base64

deepface = Blueprint("deepface", __name__)

ACTIONS = ("age", "gender")
DETECTORS: Mapping[str, str] = {
    "retinaface": "retinaface",
    "mtcnn": "mtcnn",
    "opencv": "haar",
    "dlib": "hog",
}
"""Detectors by DeepFace's names."""
# Where no year is known: of the oldest age group not the middle but an age that people reach.
_OLDEST_YEARS = 70


def error_body(problem: Problem) -> tuple[int, dict[str, Any]]:
    """An error in DeepFace's form; what is wrong with a request has status 400 there."""
    status = 400 if problem.status in (413, 415, 422) else problem.status
    return status, {"error": problem.message}


@deepface.post("/analyze")
@costly
@takes_base64
@for_programs(error_body)
def analyze() -> ResponseReturnValue:
    fields = fields_of(request)
    actions = words_of(fields.get("actions", list(ACTIONS)))
    refuse_others(actions, ACTIONS)
    if truth_of(fields.get("anti_spoofing"), default=False):
        raise InvalidOption("agelens has no anti_spoofing.")
    enforce = truth_of(fields.get("enforce_detection"), default=True)
    choices = Choices(detector=_detector(fields.get("detector_backend")))
    analysis = services().photos.analyze(photo_of(request, "img"), choices)
    if enforce and not analysis.faces:
        raise InvalidOption(
            "There is no face in this photo; with enforce_detection false, this is not an error."
        )
    return jsonify(results=[_result(face, actions) for face in analysis.faces])


def _detector(name: object) -> str | None:
    """Our name of a detector; None for the server's default. Raises InvalidOption."""
    if name is None:
        return None
    refuse_others([str(name)], DETECTORS)
    return DETECTORS[str(name)]


def _result(face: Face, actions: Collection[str]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "region": _region(face),
        "face_confidence": round(face.detection_confidence or 0.0, 2),
    }
    if "age" in actions:
        result["age"] = _years(face)
    if "gender" in actions:
        woman = 100 * face.gender.female
        result["gender"] = {"Woman": woman, "Man": 100 - woman}
        result["dominant_gender"] = "Woman" if face.gender.label == "female" else "Man"
    return result


def _years(face: Face) -> int:
    """The expected age, or the middle of the age group from a network that knows only groups."""
    if face.age.years is not None:
        return round(face.age.years)
    low, high = map(int, face.age.bucket.split("-"))
    return min((low + high) // 2, _OLDEST_YEARS)


def _region(face: Face) -> dict[str, Any]:
    box = {"x": face.box.x, "y": face.box.y, "w": face.box.width, "h": face.box.height}
    points = face.landmarks
    left, right = (points.right_eye, points.left_eye) if points else (None, None)
    return {**box, "left_eye": left, "right_eye": right}

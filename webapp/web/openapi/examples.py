"""Examples for the OpenAPI document, made like real responses."""

from webapp.results.columns import faces_as_csv
from webapp.results.schema import analysis_document
from webapp.vision.buckets import BUCKETS
from webapp.vision.types import AgeEstimate, Analysis, Box, Face, GenderEstimate, Landmarks

_SHARES = (0.0, 0.0, 0.0, 0.04, 0.81, 0.13, 0.02, 0.0)
_FACE = Face(
    box=Box(193, 66, 131, 167),
    detection_confidence=0.9987,
    landmarks=Landmarks((230, 130), (290, 131), (262, 165), (236, 196), (287, 197)),
    age=AgeEstimate(dict(zip(BUCKETS, _SHARES, strict=True)), 30.4, (23, 38)),
    gender=GenderEstimate(0.9731),
)
_NAME = "family.jpg"
_ANALYSIS = Analysis(
    width=512,
    height=512,
    detector="retinaface",
    model="agelens",
    model_version="1",
    faces=(_FACE,),
    timings_ms={"decode": 8.1, "detect": 61.0, "estimate": 12.4},
)
ANALYSIS = analysis_document(_NAME, _ANALYSIS)
CSV_EXAMPLE = faces_as_csv([(_NAME, _ANALYSIS)])
SMALLEST_PHOTO = "R0lGODlhAQABAIAAAP///wAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw=="
"""One white pixel, so that examples can be sent as they are."""
ALBUM = {
    "id": "Zm9yIGV4YW1wbGUgb25seSwgbm8gYWxi",
    "total": 3,
    "done": 2,
    "left_out": 0,
    "expires": "2030-01-01T12:00:00+00:00",
    "numbers": [1, 2, 3],
    "photos": [
        ANALYSIS,
        {
            "photo": "notes.txt",
            "error": {"code": "not_a_photo", "message": "This file is not a photo."},
        },
        {"photo": "beach.jpg", "status": "waiting"},
    ],
}

"""The documents of a result, one place for the page, the API and the command line: JSON and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from webapp.results.comparison import Comparison
from webapp.vision.buckets import BUCKETS
from webapp.vision.errors import VisionError
from webapp.vision.types import Analysis, Face

PROBABILITY_DIGITS = 4
YEARS_DIGITS = 1

CSV_HEADER = (
    "photo",
    "face",
    "x",
    "y",
    "width",
    "height",
    "detection_confidence",
    "age_bucket",
    "age_confidence",
    "years",
    "years_from",
    "years_to",
    "gender",
    "gender_confidence",
    *(f"age_{bucket}" for bucket in BUCKETS),
    "age_model",
    "gender_model",
    "model_version",
    "faces_found",
    "quarter_turns",
)


def analysis_as_json(name: str, analysis: Analysis) -> dict[str, Any]:
    """The result for one photo as the JSON object that every door gives."""
    return {
        "photo": name,
        "width": analysis.width,
        "height": analysis.height,
        "detector": analysis.detector,
        "model": analysis.model,
        "model_version": analysis.model_version,
        "models": asdict(analysis.models),
        "faces_found": analysis.faces_found,
        "quarter_turns": analysis.quarter_turns,
        "faces": [_face_as_json(face) for face in analysis.faces],
        "timings_ms": dict(analysis.timings_ms),
    }


def comparison_as_json(name: str, comparison: Comparison) -> dict[str, Any]:
    """What several detectors and networks made of one photo.

    ``analyses`` holds one result a contender; ``faces`` holds, for each face of the photo, its
    place in each result (counting from 0) or null where that contender did not find it.
    """
    return {
        "photo": name,
        "analyses": [analysis_as_json(name, analysis) for analysis in comparison.analyses],
        "faces": [
            [
                None if answer is None else analysis.faces.index(answer)
                for analysis, answer in zip(comparison.analyses, face.answers, strict=True)
            ]
            for face in comparison.faces
        ],
    }


def failure_as_json(name: str, error: VisionError) -> dict[str, Any]:
    """The JSON object for a photo that could not be analysed."""
    return {"photo": name, "error": {"code": error.code, "message": str(error)}}


def csv_lines(photos: Iterable[tuple[str, Analysis]]) -> Iterator[str]:
    """A table line by line: a header and one row a face; photos are pairs of name and analysis.

    A name that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, "CSV
    Injection").
    """
    yield _csv_line(CSV_HEADER)
    for name, analysis in photos:
        for number, face in enumerate(analysis.faces, start=1):
            models = (analysis.models.age, analysis.models.gender, analysis.model_version)
            about = (*models, analysis.faces_found, analysis.quarter_turns)
            yield _csv_line([_harmless(name), number, *_cells(face), *about])


def faces_as_csv(photos: Iterable[tuple[str, Analysis]]) -> str:
    """The same table as one text."""
    return "".join(f"{line}\n" for line in csv_lines(photos))


def _csv_line(cells: Iterable[object]) -> str:
    line = io.StringIO()
    # With an empty line terminator Python before 3.13 leaves line breaks in names unquoted.
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue().removesuffix("\n")


def _face_as_json(face: Face) -> dict[str, Any]:
    landmarks = face.detection.landmarks
    return {
        "box": asdict(face.box),
        "detection_confidence": _probability(face.detection.confidence),
        "landmarks": landmarks and {name: list(point) for name, point in asdict(landmarks).items()},
        "age": {
            "bucket": face.age.bucket,
            "confidence": _probability(face.age.confidence),
            "years": _years(face),
            "interval": face.age.interval and list(face.age.interval),
            "distribution": {
                bucket: _probability(share) for bucket, share in face.age.distribution.items()
            },
        },
        "gender": {
            "label": face.gender.label,
            "confidence": _probability(face.gender.confidence),
        },
    }


def _cells(face: Face) -> list[object]:
    box, years = face.box, _years(face)
    return [
        box.x,
        box.y,
        box.width,
        box.height,
        _probability(face.detection.confidence),
        face.age.bucket,
        _probability(face.age.confidence),
        "" if years is None else years,
        *(face.age.interval or ("", "")),
        face.gender.label,
        _probability(face.gender.confidence),
        *(_probability(face.age.distribution[bucket]) for bucket in BUCKETS),
    ]


def _probability(value: float) -> float:
    return round(value, PROBABILITY_DIGITS)


def _years(face: Face) -> float | None:
    return None if face.age.years is None else round(face.age.years, YEARS_DIGITS)


# The full-width forms count, too: spreadsheets of East Asian systems take them for the plain ones.
_FORMULA = tuple("=+-@\t\r\n\0＝＋－＠")


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text

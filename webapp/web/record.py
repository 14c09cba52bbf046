"""What the server remembers of a result, as exact JSON: nothing is rounded on the way."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from webapp.comparison.side_by_side import ComparedFace, Comparison
from webapp.vision.types import (
    AgeEstimate,
    Analysis,
    Box,
    Detection,
    Face,
    GenderEstimate,
    Landmarks,
)


@dataclass(frozen=True)
class Choices:
    """What a visitor can choose for an analysis; None means the server's default."""

    detector: str | None = None
    model: str | None = None
    # Least confidence of a detection, 0.0 to 1.0.
    threshold: float | None = None
    # Clockwise, before faces are looked for; 0 to 3.
    quarter_turns: int = 0


@dataclass(frozen=True)
class Record:
    """One result: the upload's name, what was chosen, what was found."""

    name: str
    choices: Choices
    analysis: Analysis

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Record:
        fields = json.loads(data)
        return cls(
            name=fields["name"],
            choices=Choices(**fields["choices"]),
            analysis=_analysis(fields["analysis"]),
        )


@dataclass(frozen=True)
class ComparisonRecord:
    """One comparison: the upload's name and what each contender found."""

    name: str
    comparison: Comparison

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, data: bytes) -> ComparisonRecord:
        fields = json.loads(data)
        comparison = Comparison(
            analyses=tuple(_analysis(one) for one in fields["comparison"]["analyses"]),
            faces=tuple(
                ComparedFace(tuple(answer and _face(answer) for answer in one["answers"]))
                for one in fields["comparison"]["faces"]
            ),
        )
        return cls(fields["name"], comparison)


def _analysis(fields: dict[str, Any]) -> Analysis:
    return Analysis(**{**fields, "faces": tuple(_face(face) for face in fields["faces"])})


def _face(fields: dict[str, Any]) -> Face:
    return Face(
        detection=_detection(fields["detection"]),
        age=AgeEstimate(**fields["age"]),
        gender=GenderEstimate(**fields["gender"]),
    )


def _detection(fields: dict[str, Any]) -> Detection:
    landmarks = fields["landmarks"]
    return Detection(
        box=Box(**fields["box"]),
        confidence=fields["confidence"],
        landmarks=landmarks
        and Landmarks(**{name: (point[0], point[1]) for name, point in landmarks.items()}),
    )

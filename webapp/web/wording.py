"""How a result is put into words and drawn on the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from webapp.vision.types import Analysis, Box, Face
from webapp.vision.words import age_in_words, interval_in_words, is_certain, percentage
from webapp.web.accuracy import Cards, honest_line

DETECTOR_TITLES: Mapping[str, tuple[str, str]] = {
    "retinaface": (
        "RetinaFace",
        "Finds the most faces, also small, turned and half-hidden ones. The best first choice.",
    ),
    "mtcnn": ("MTCNN", "The article’s choice. Also finds small and tilted faces."),
    "haar": ("Haar cascade", "The classic from 2001. Quick, for faces that look into the camera."),
    "hog": ("HOG", "Quick and rarely wrong, but misses small faces."),
}
MODEL_TITLES: Mapping[str, tuple[str, str]] = {
    "agelens": ("Agelens", "The most accurate. For non-commercial research only."),
    "cydral": ("Cydral", "Two small networks, one for age and one for gender."),
    "article": ("The article’s two", "Age by Levi and Hassner’s network, gender by GoogLeNet."),
    "levi-hassner": (
        "Levi and Hassner",
        "The 2015 network for eight age groups; does not estimate years.",
    ),
    "googlenet": (
        "GoogLeNet",
        "Lapuschkin et al. 2017, the same age groups; does not estimate years.",
    ),
}


def duration_in_words(duration: timedelta) -> str:
    """A duration to the second, in as many units as it needs: "1 day, 1 hour and 30 minutes"."""
    left = round(duration.total_seconds())
    parts = []
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)):
        number, left = divmod(left, size)
        if number:
            parts.append(f"{number} {unit}" if number == 1 else f"{number} {unit}s")
    *others, last = parts or ["0 seconds"]
    return f"{', '.join(others)} and {last}" if others else last


@dataclass(frozen=True)
class Bar:
    """One bucket of a distribution; ``width`` is a percentage of the longest possible bar."""

    bucket: str
    share: str
    width: float
    is_top: bool


@dataclass(frozen=True)
class FaceRow:
    """One face as the table and the drawing show it; lengths in pixels of the photo."""

    number: int
    box: Box
    badge: Box
    age: str
    is_sure: bool
    bucket: str
    age_confidence: str
    years: str
    # "18 to 27"; None for a network that gives no interval.
    interval: str | None
    gender: str
    gender_confidence: str
    bars: tuple[Bar, ...]
    # How often the networks were right about such faces; None where their cards do not tell.
    honest_line: str | None

    @property
    def summary(self) -> str:
        """One line for the face: what the box says when it is focused."""
        return f"Face {self.number}: {self.age} years, {self.gender}"


def face_rows(analysis: Analysis, cards: Cards) -> list[FaceRow]:
    """Every face of an analysis, ready for the template; ``cards`` are those of all networks."""
    return [
        _row(number, face, analysis, honest_line(face, analysis, cards))
        for number, face in enumerate(analysis.faces, start=1)
    ]


def _row(number: int, face: Face, analysis: Analysis, honest: str | None) -> FaceRow:
    age = face.age
    return FaceRow(
        number=number,
        box=face.box,
        badge=_badge(number, face.box, analysis),
        age=age_in_words(age),
        is_sure=is_certain(age),
        bucket=age.bucket,
        age_confidence=percentage(age.confidence),
        years="–" if age.years is None else f"{age.years:.0f}",
        interval=interval_in_words(age),
        gender=face.gender.label,
        gender_confidence=percentage(face.gender.confidence),
        bars=tuple(
            Bar(bucket, percentage(share), round(100 * share, 1), bucket == age.bucket)
            for bucket, share in age.distribution.items()
        ),
        honest_line=honest,
    )


def _badge(number: int, box: Box, analysis: Analysis) -> Box:
    """The plate with a face's number: on top of its box, or inside where there is no room."""
    side = max(analysis.width, analysis.height)
    height = round(min(max(0.4 * box.width, side / 45), side / 20))
    width = round(height * (0.6 + 0.6 * len(str(number))))
    left = min(box.x, max(analysis.width - width, 0))
    top = box.y - height
    return Box(left, top if top >= 0 else box.y, width, height)

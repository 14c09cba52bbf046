"""The frozen values that the stages hand to one another.

Coordinates are whole pixels of the upright original photo, x to the right and y down, with the
origin at the top left corner. Numbers are plain ``int`` and ``float``: numpy scalars stop at the
adapters that made them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from webapp.vision.model_choice import ModelChoice

Pixels = npt.NDArray[np.uint8]
"""An upright sRGB picture: ``uint8``, shape (height, width, 3), channels red, green, blue."""

Point = tuple[int, int]
GenderLabel = Literal["female", "male"]


@dataclass(frozen=True)
class Box:
    """A bounding box: left and top edge, width and height, in pixels of the photo."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def area(self) -> int:
        return self.width * self.height

    def clipped(self, width: int, height: int) -> Box:
        """The part of this box that lies inside a picture of that size; may be empty."""
        left, top = min(max(self.x, 0), width), min(max(self.y, 0), height)
        right, bottom = min(max(self.right, 0), width), min(max(self.bottom, 0), height)
        return Box(left, top, right - left, bottom - top)

    def intersection(self, other: Box) -> int:
        """The shared area in pixels."""
        width = min(self.right, other.right) - max(self.x, other.x)
        height = min(self.bottom, other.bottom) - max(self.y, other.y)
        return max(width, 0) * max(height, 0)

    def iou(self, other: Box) -> float:
        """Intersection over union, 0.0 to 1.0."""
        shared = self.intersection(other)
        union = self.area + other.area - shared
        return shared / union if union else 0.0


@dataclass(frozen=True)
class Landmarks:
    """Five points of a face; "left" is the left side of the picture, as MTCNN counts."""

    left_eye: Point
    right_eye: Point
    nose: Point
    mouth_left: Point
    mouth_right: Point

    def points(self) -> tuple[Point, Point, Point, Point, Point]:
        """The five points, in the order of the fields."""
        return (self.left_eye, self.right_eye, self.nose, self.mouth_left, self.mouth_right)


@dataclass(frozen=True)
class Detection:
    """One face as a detector found it. ``confidence`` is 0.0 to 1.0."""

    box: Box
    confidence: float
    landmarks: Landmarks | None = None


@dataclass(frozen=True)
class AgeEstimate:
    """An age as a distribution over the eight buckets.

    ``distribution`` maps every bucket's name to its probability, in the order of the buckets;
    the probabilities sum to 1. ``years`` is the expected age, or None for a network that knows
    only buckets. ``interval`` are the youngest and the oldest of the years that hold the true age
    nine times in ten, or None for a network whose card tells no such thing.
    """

    distribution: Mapping[str, float]
    years: float | None = None
    interval: tuple[int, int] | None = None

    @property
    def bucket(self) -> str:
        """The most probable bucket."""
        return max(self.distribution, key=self.distribution.__getitem__)

    @property
    def confidence(self) -> float:
        """The probability of that bucket."""
        return self.distribution[self.bucket]


@dataclass(frozen=True)
class GenderEstimate:
    """``female`` is the probability that the label "female" is right; the rest is "male"."""

    female: float

    @property
    def label(self) -> GenderLabel:
        return "female" if self.female >= 0.5 else "male"

    @property
    def confidence(self) -> float:
        """The probability of ``label``, 0.5 to 1.0."""
        return max(self.female, 1.0 - self.female)


@dataclass(frozen=True)
class Estimate:
    """What an age and gender network says of one face."""

    age: AgeEstimate
    gender: GenderEstimate


@dataclass(frozen=True)
class Face:
    """A detected face and what the network says of it."""

    detection: Detection
    age: AgeEstimate
    gender: GenderEstimate

    @property
    def box(self) -> Box:
        return self.detection.box


@dataclass(frozen=True)
class Analysis:
    """The result for one photo. No faces is a result, not an error.

    ``timings_ms`` maps a stage's name (decode, detect, estimate) to milliseconds.
    """

    width: int
    height: int
    detector: str
    # One network's name, or "age=NAME,gender=NAME".
    model: str
    faces: tuple[Face, ...]
    # The version on its card, or "age=VERSION,gender=VERSION"; "" where there is no card.
    model_version: str = ""
    # How the photo was turned before, clockwise; sides and boxes are those of the turned photo.
    quarter_turns: int = 0
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    # How many more faces were found than may be analysed; ``faces`` has the most confident ones.
    faces_left_out: int = 0

    @property
    def faces_found(self) -> int:
        """How many faces the detector found."""
        return len(self.faces) + self.faces_left_out

    @property
    def models(self) -> ModelChoice:
        """The network that answered for each task."""
        return ModelChoice.parse(self.model)

"""The immutable values that the stages pass to one another.

Coordinates are whole pixels of the upright original photo, x to the right and y down, with the
origin at the top left corner. Numbers are plain ``int`` and ``float``: numpy scalars stop at the
adapters that made them. The fields of ``Analysis`` and of what it holds are those of every
document: the stored record, the API's JSON and its schema.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from msgspec import Meta

from webapp.vision.model_choice import ModelChoice

Pixels = npt.NDArray[np.uint8]
"""An upright sRGB picture: ``uint8``, shape (height, width, 3), channels red, green, blue."""

Floats = npt.NDArray[np.float32]

Point = tuple[int, int]
Bucket = Literal["0-2", "4-6", "8-12", "15-20", "25-32", "38-43", "48-53", "60-100"]
GenderLabel = Literal["female", "male"]
Probability = Annotated[float, Meta(extra_json_schema={"minimum": 0, "maximum": 1})]
Years = Annotated[float, Meta(extra_json_schema={"minimum": 0})]
Distribution = Mapping[Bucket, Probability]


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

    def scaled(self, factor: float) -> "Box":
        """The same box in a copy that is ``factor`` times as large."""
        return Box(*(round(factor * side) for side in (self.x, self.y, self.width, self.height)))

    def with_margin(self, x: int, y: int) -> "Box":
        """The box and ``x`` pixels more at the left and right, ``y`` at the top and bottom."""
        return Box(self.x - x, self.y - y, self.width + 2 * x, self.height + 2 * y)

    def clipped(self, width: int, height: int) -> "Box":
        """The part of this box that lies inside a picture of that size; may be empty."""
        left, top = min(max(self.x, 0), width), min(max(self.y, 0), height)
        right, bottom = min(max(self.right, 0), width), min(max(self.bottom, 0), height)
        return Box(left, top, right - left, bottom - top)

    def intersection(self, other: "Box") -> int:
        """The shared area in pixels."""
        width = min(self.right, other.right) - max(self.x, other.x)
        height = min(self.bottom, other.bottom) - max(self.y, other.y)
        return max(width, 0) * max(height, 0)

    def iou(self, other: "Box") -> float:
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


def derived(instance: object, **values: object) -> None:
    """Set fields of a frozen dataclass that follow from its others; for ``__post_init__``."""
    for name, value in values.items():
        object.__setattr__(instance, name, value)


@dataclass(frozen=True)
class AgeEstimate:
    """An age as a distribution over the eight buckets.

    ``distribution`` maps every bucket's name to its probability, in the order of the buckets;
    the probabilities sum to 1. ``years`` is the expected age, or None for a network that knows
    only buckets. ``bucket`` is the most probable one, ``confidence`` its probability. ``interval``
    are the youngest and the oldest of the years that hold the true age nine times in ten, or None
    for a network whose card has not measured it. ``by_year`` has the probability of each age from 0
    years on, to four decimals, or None for a network that knows only buckets.
    """

    distribution: Distribution
    years: Years | None = None
    interval: tuple[int, int] | None = None
    by_year: tuple[Probability, ...] | None = None
    bucket: Bucket = field(init=False)
    confidence: Probability = field(init=False)

    def __post_init__(self) -> None:
        bucket = max(self.distribution, key=self.distribution.__getitem__)
        derived(self, bucket=bucket, confidence=self.distribution[bucket])


@dataclass(frozen=True)
class GenderEstimate:
    """``female`` is the probability that the label "female" is right; the rest is "male".

    ``confidence`` is the probability of ``label``, 0.5 to 1.0.
    """

    female: Probability
    label: GenderLabel = field(init=False)
    confidence: Probability = field(init=False)

    def __post_init__(self) -> None:
        label = "female" if self.female >= 0.5 else "male"
        derived(self, label=label, confidence=max(self.female, 1.0 - self.female))


@dataclass(frozen=True)
class Estimate:
    """A network's answer for one face."""

    age: AgeEstimate
    gender: GenderEstimate


@dataclass(frozen=True)
class Face:
    """A detected face and the network's answer for it."""

    box: Box
    # None if the box was drawn by hand.
    detection_confidence: Probability | None
    landmarks: Landmarks | None
    age: AgeEstimate
    gender: GenderEstimate

    @classmethod
    def of(cls, detection: Detection, estimate: Estimate) -> "Face":
        """The face that a detector found and a network looked at."""
        found = (detection.box, detection.confidence, detection.landmarks)
        return cls(*found, estimate.age, estimate.gender)


@dataclass(frozen=True)
class Analysis:
    """The result for one photo. No faces is a result, not an error.

    ``faces`` has the most confident of the ``faces_found``. ``model`` is one network's name or
    "age=NAME,gender=NAME", taken apart in ``models``; ``model_version`` is the version on its card,
    or "age=VERSION,gender=VERSION", and empty if there is no card. ``timings_ms`` maps a stage
    (decode, detect, estimate) to milliseconds.
    """

    width: int
    height: int
    detector: str
    model: str
    faces: tuple[Face, ...]
    model_version: str = ""
    # How the photo was turned before, clockwise; sides and boxes are those of the turned photo.
    quarter_turns: int = 0
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    # How many more faces were found than may be analysed.
    faces_left_out: int = 0
    # Whether a person added, moved or removed boxes.
    corrected: bool = False
    # What the detector was nearly sure of: faces that a lower threshold would show.
    possible_faces: int = 0
    faces_found: int = field(init=False)
    models: ModelChoice = field(init=False)

    def __post_init__(self) -> None:
        derived(
            self,
            faces_found=len(self.faces) + self.faces_left_out,
            models=ModelChoice.parse(self.model),
        )

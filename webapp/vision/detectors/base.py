"""The interface of face detectors."""

from dataclasses import dataclass, fields, replace
from typing import Protocol, Self

from webapp.vision.card import ModelCard
from webapp.vision.errors import InvalidCard
from webapp.vision.photo import Photo
from webapp.vision.types import Detection


@dataclass(frozen=True)
class DetectionOptions:
    """How to look for faces; None means the detector's default (see ``DetectionSettings``)."""

    pixels: int | None = None
    minimum_face: int | None = None
    threshold: float | None = None
    # At most this many faces, the most confident first.
    maximum_faces: int = 100


@dataclass(frozen=True)
class DetectionSettings:
    """How a detector looks: its card's ``[detection]``, measured (see ``docs/detectors.md``)."""

    # Most pixels, width times height, of the copy of the photo that the detector sees.
    pixels: int = 1_166_080
    # Smallest face, in pixels of that copy, that the detector looks for.
    minimum_face: int = 28
    # Faces below this confidence (0.0 to 1.0) are dropped.
    threshold: float = 0.5
    # Dropped detections from this confidence on are counted as possible faces.
    lower_threshold: float = 0.5

    @classmethod
    def of(cls, card: ModelCard) -> Self:
        """What a card says. Raises InvalidCard."""
        names = [field.name for field in fields(cls)]
        values = [card.detection.get(name) for name in names]
        if not all(isinstance(value, int | float) for value in values):
            raise InvalidCard(f"{card.name}: its [detection] needs numbers for {', '.join(names)}")
        return cls(**card.detection)

    def with_options(self, options: DetectionOptions) -> Self:
        """The same with the options applied."""
        given = {
            name: value
            for name in ("pixels", "minimum_face", "threshold")
            if (value := getattr(options, name)) is not None
        }
        return replace(self, **given)


class Detector(Protocol):
    """Finds faces. One object serves a whole process and may be called from several threads."""

    @property
    def name(self) -> str:
        """The name users choose it by."""
        ...

    @property
    def settings(self) -> DetectionSettings:
        """Its defaults where the options leave something open."""
        ...

    def detect(self, photo: Photo, options: DetectionOptions) -> list[Detection]:
        """Every face in a photo from the threshold on, the most confident first.

        Looks at a bounded copy of the photo and maps what it finds back: boxes lie inside the photo
        and, like landmarks, are in its whole pixels. No faces is an empty list.
        """
        ...

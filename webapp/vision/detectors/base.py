"""What every face detector promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from webapp.vision.photo import Photo
from webapp.vision.types import Detection


@dataclass(frozen=True)
class DetectionOptions:
    """How hard to look for faces; the defaults are measured (see ``docs/detectors.md``)."""

    # Longest side, in pixels, of the copy of the photo that the detector sees.
    long_side: int = 1280
    # Smallest face, in pixels of that copy, that the detector looks for.
    minimum_face: int = 28
    # Faces below this confidence (0.0 to 1.0) are dropped; None is the detector's own default.
    threshold: float | None = None
    # At most this many faces are analysed, the most confident ones; detectors return all.
    maximum_faces: int = 100


class Detector(Protocol):
    """Finds faces. One object serves a whole process and may be called from several threads."""

    @property
    def name(self) -> str:
        """The name users choose it by."""
        ...

    def detect(self, photo: Photo, options: DetectionOptions) -> list[Detection]:
        """Every face in a photo, the most confident first.

        Looks at ``photo.bounded(options.long_side)`` and maps what it finds back: boxes lie inside
        the photo and, like landmarks, are in its whole pixels. No faces is an empty list.
        """
        ...

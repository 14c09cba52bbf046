"""What every age and gender network promises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from webapp.vision.photo import Photo
from webapp.vision.types import Detection, Estimate, Pixels


class Estimator(Protocol):
    """Predicts age and gender of faces. Safe to call from several threads."""

    @property
    def name(self) -> str:
        """The name of its folder in ``models/``."""
        ...

    def crops(self, photo: Photo, faces: Sequence[Detection]) -> list[Pixels]:
        """The exact crop of each face that the network sees: RGB ``uint8``, square."""
        ...

    def estimate(self, crops: Sequence[Pixels]) -> list[Estimate]:
        """One estimate a crop, in order, computed as one batch; ``crops`` come from ``crops()``."""
        ...

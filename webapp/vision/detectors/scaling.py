"""Maps coordinates from the copy that a detector saw back to the photo."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.vision.photo import Photo
from webapp.vision.types import Box, Pixels, Point


@dataclass(frozen=True)
class Scaling:
    """Maps coordinates of a copy, whole or fractional, to whole pixels of the photo.

    ``width`` and ``height`` are the photo's; ``horizontal`` and ``vertical`` are photo pixels per
    pixel of the copy.
    """

    width: int
    height: int
    horizontal: float
    vertical: float

    @classmethod
    def between(cls, copy: Pixels, photo: Photo) -> Scaling:
        """From the pixels of ``copy``, which shows all of ``photo``, to those of ``photo``."""
        height, width = copy.shape[:2]
        return cls(photo.width, photo.height, photo.width / width, photo.height / height)

    def point(self, x: float, y: float) -> Point:
        """The same point in the photo; it may lie outside, as the corner of a cut-off face does."""
        return round(x * self.horizontal), round(y * self.vertical)

    def box(self, left: float, top: float, right: float, bottom: float) -> Box:
        """The box between two corners of the copy, clipped to the photo; may be empty."""
        x, y = self.point(left, top)
        end_x, end_y = self.point(right, bottom)
        return Box(x, y, end_x - x, end_y - y).clipped(self.width, self.height)

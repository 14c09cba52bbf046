"""A photo's bytes become upright sRGB pixels here, or a typed error; every limit lives here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2

from webapp.vision.types import Pixels


@dataclass(frozen=True)
class PhotoLimits:
    """What a photo may be at most."""

    max_bytes: int = 20_000_000
    max_pixels: int = 50_000_000


class Photo:
    """An upright sRGB photo, decoded only as far as it is needed.

    A large JPEG is first decoded at a reduced scale; its full resolution is decoded when
    ``pixels`` is first asked for. ``width`` and ``height`` are always those of the full resolution.
    """

    def __init__(
        self, preview: Pixels, width: int, height: int, full: Callable[[], Pixels] | None = None
    ) -> None:
        self.preview = preview
        self.width = width
        self.height = height
        self._full = full

    @classmethod
    def of(cls, pixels: Pixels) -> Photo:
        """A photo of pixels that are already there: RGB ``uint8``, shape (height, width, 3)."""
        return cls(pixels, pixels.shape[1], pixels.shape[0])

    @property
    def pixels(self) -> Pixels:
        """Full resolution: RGB ``uint8``, shape (height, width, 3)."""
        if self._full is not None:
            self.preview, self._full = self._full(), None
        return self.preview

    def bounded(self, long_side: int) -> Pixels:
        """A copy whose longer side is at most ``long_side`` pixels; never enlarged."""
        scale = long_side / max(self.width, self.height)
        if scale >= 1:
            return self.pixels
        source = self.for_scale(scale)
        size = (max(1, round(self.width * scale)), max(1, round(self.height * scale)))
        if size == (source.shape[1], source.shape[0]):
            return source
        return cv2.resize(source, size, interpolation=cv2.INTER_AREA).astype("uint8", copy=False)

    def for_scale(self, scale: float) -> Pixels:
        """The cheapest decoded picture that is at least ``scale`` times the full resolution."""
        if self.preview.shape[1] >= round(self.width * min(scale, 1.0)):
            return self.preview
        return self.pixels

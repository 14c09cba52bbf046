"""An upright photo, decoded only as far as needed, and smaller copies and files of it."""

import io
import math
from collections.abc import Callable

import numpy as np
from PIL import Image

from webapp.vision.types import Pixels


class Photo:
    """An upright sRGB photo, decoded only as far as it is needed.

    A large JPEG is first decoded at a reduced scale (``preview``); its full resolution is decoded
    when ``pixels`` is first asked for. ``width`` and ``height`` are always the full resolution's.
    """

    def __init__(
        self, preview: Pixels, width: int, height: int, full: Callable[[], Pixels] | None = None
    ) -> None:
        self.preview = preview
        self.width = width
        self.height = height
        self._full = full

    @classmethod
    def of(cls, pixels: Pixels) -> "Photo":
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
        return resized(source, size)

    def bounded_area(self, pixels: int) -> Pixels:
        """A copy of at most about ``pixels`` pixels, whatever its proportions; never enlarged."""
        shrink = math.sqrt(pixels / (self.width * self.height))
        return self.bounded(math.ceil(max(self.width, self.height) * min(shrink, 1.0)))

    def for_scale(self, scale: float) -> Pixels:
        """The cheapest decoded picture that is at least ``scale`` times the full resolution."""
        if self.preview.shape[1] >= round(self.width * min(scale, 1.0)):
            return self.preview
        return self.pixels

    def turned(self, quarter_turns: int) -> "Photo":
        """The photo rotated clockwise by a number of quarter turns."""
        sideways = quarter_turns % 2 == 1
        width, height = (self.height, self.width) if sideways else (self.width, self.height)
        full = self._full
        return Photo(
            _turn(self.preview, quarter_turns),
            width,
            height,
            None if full is None else lambda: _turn(full(), quarter_turns),
        )


def resized(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """A smaller copy of ``size`` (width, height).

    Halved by averaging while it is twice as large or more, the rest interpolated: averaging alone
    takes six times as long, and detectors find no more faces in its copies.
    """
    import cv2  # not for the decoder process, which should start quickly

    while pixels.shape[1] >= 2 * size[0] and pixels.shape[0] >= 2 * size[1]:
        half = (pixels.shape[1] // 2, pixels.shape[0] // 2)
        pixels = cv2.resize(pixels, half, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    return cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)


def own_pixels(data: bytes) -> Pixels:
    """A picture that we encoded ourselves: RGB ``uint8``, shape (height, width, 3)."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def encode_jpeg(pixels: Pixels, quality: int = 90, comment: bytes = b"") -> bytes:
    """A JPEG file without any metadata but the comment."""
    return _encode(pixels, format="JPEG", quality=quality, comment=comment)


def encode_png(pixels: Pixels) -> bytes:
    """A PNG file without any metadata; quick rather than small."""
    return _encode(pixels, format="PNG", compress_level=3)


def encode_webp(pixels: Pixels) -> bytes:
    """A WebP file without any metadata; for pages, rather small than true to every detail."""
    return _encode(pixels, format="WEBP", quality=70, method=2)


def webp_copy(data: bytes, width: int) -> bytes:
    """A picture of our own as a WebP file, narrowed to ``width`` pixels if it is wider."""
    with Image.open(io.BytesIO(data)) as image:
        height = max(1, round(image.height * width / image.width))
        copy = image if image.width <= width else image.resize((width, height), reducing_gap=2)
        return encode_webp(np.asarray(copy))


def _encode(pixels: Pixels, **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, **options)  # type: ignore[arg-type] # options of the format
    return file.getvalue()


def _turn(pixels: Pixels, quarter_turns: int) -> Pixels:
    # Not ascontiguousarray, which leaves a column of one pixel with strides that dlib refuses.
    return np.rot90(pixels, -quarter_turns).copy()

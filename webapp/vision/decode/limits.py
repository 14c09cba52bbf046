"""Limits on a photo's size and on the cost of decoding it."""

from dataclasses import dataclass

MEMORY_PER_PIXEL = 16
"""What WebP takes, the hungriest format: two canvases of libwebp's, a copy and Pillow's picture."""
MEMORY_PER_BYTE = 2
MEMORY_FOR_ANY = 100_000_000
"""For codecs' tables and threads, and remains of earlier photos."""


PREVIEW_PIXELS = 640_000
"""What the default detector looks at."""


@dataclass(frozen=True)
class PhotoLimits:
    """What a photo may be at most, how large its first decoding must be at least, and what
    decoding may cost.
    """

    max_bytes: int = 20_000_000
    max_pixels: int = 50_000_000
    # A JPEG is first decoded at the smallest scale that has this longer side and so many pixels.
    preview_long_side: int = 1600
    preview_pixels: int = PREVIEW_PIXELS
    # Most bytes that the decoder may reserve, beyond the about 40 MB of an idle one.
    memory: int = 860_000_000
    # Most seconds of processor time.
    processor_seconds: float = 7.0
    # Seconds within which the decoder must answer, however busy the machine is.
    deadline: float = 30.0

    def memory_for(self, pixels: int, size: int) -> int:
        """Bytes that decoding so many pixels from ``size`` bytes may take."""
        needed = MEMORY_FOR_ANY + MEMORY_PER_PIXEL * pixels + MEMORY_PER_BYTE * size
        return min(self.memory, needed)

    def seconds_for(self, pixels: int, size: int) -> float:
        """Seconds of processor time that decoding so many pixels from ``size`` bytes may take.

        A little for any photo, the rest by its pixels and bytes: two to three times what the
        slowest format (HEIC) needs.
        """
        share = 0.08 + 0.72 * pixels / self.max_pixels + 0.2 * size / self.max_bytes
        return self.processor_seconds * share

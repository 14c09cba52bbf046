"""The largest photos that are accepted: their limits of memory and time let them through."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.samples import astronaut, saved
from webapp.vision.decode import PhotoLimits
from webapp.vision.decode.decoder_process import DecoderProcess

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason=f"{sys.platform}: no /proc"),
]

SIDE = 7000
LIMITS = PhotoLimits(deadline=300)  # however busy the machine is
MOST_MEMORY = 900_000_000
ROTATED = Image.Exif()
ROTATED[0x0112] = 6


def large(mode: str = "RGB") -> Image.Image:
    return Image.fromarray(astronaut()).resize((SIDE, SIDE), Image.Resampling.NEAREST).convert(mode)


def grey(kind: type) -> Image.Image:
    return Image.fromarray(np.asarray(large("L")).astype(kind))


LARGEST: dict[str, Callable[[], bytes]] = {
    "JPEG": lambda: saved(large(), "JPEG", quality=30),
    "turned JPEG": lambda: saved(large(), "JPEG", quality=30, exif=ROTATED.tobytes()),
    "progressive JPEG": lambda: saved(large(), "JPEG", quality=30, progressive=True, subsampling=0),
    "PNG": lambda: saved(large(), "PNG", compress_level=1),
    "PNG with alpha": lambda: saved(large("RGBA"), "PNG", compress_level=1),
    "grey PNG with alpha": lambda: saved(large("LA"), "PNG", compress_level=1),
    "PNG of 16 bit": lambda: saved(grey(np.uint16), "PNG", compress_level=1),
    "TIFF of 16 bit": lambda: saved(grey(np.uint16), "TIFF", compression="tiff_adobe_deflate"),
    "turned TIFF": lambda: saved(large(), "TIFF", compression="tiff_adobe_deflate", exif=ROTATED),
    "GIF": lambda: saved(large("P"), "GIF"),
    "WebP": lambda: saved(large("RGBA"), "WEBP", quality=1, method=0),
    "lossless WebP": lambda: saved(large(), "WEBP", lossless=True, quality=0, method=0),
    "AVIF": lambda: saved(large(), "AVIF", quality=30, speed=10),
}


@pytest.mark.parametrize("kind", LARGEST)
def test_the_largest_photo_is_decoded_within_the_limits(kind: str) -> None:
    data = LARGEST[kind]()
    assert len(data) < LIMITS.max_bytes
    decoder = DecoderProcess()
    try:
        pixels, _, _ = decoder.decode(data, LIMITS, is_full=True)
        status = Path(f"/proc/{decoder.pid}/status").read_text().split()
        most = int(status[status.index("VmHWM:") + 1]) * 1024
    finally:
        decoder.close()
    assert pixels.shape == (SIDE, SIDE, 3)
    assert most < MOST_MEMORY

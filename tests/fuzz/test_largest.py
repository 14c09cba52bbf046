"""The largest photos that are accepted: how much memory and time each format takes at most."""

from __future__ import annotations

import io
import multiprocessing
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.fuzz.child import MOST_SECONDS, measured_alone
from tests.fuzz.photos import most_memory
from tests.samples import astronaut
from webapp.vision.decode import PhotoLimits

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not Path("/proc/self/clear_refs").exists(), reason=f"{sys.platform}: no /proc"
    ),
]

SIDE = 7000
PIXELS = SIDE * SIDE
ROTATED = Image.Exif()
ROTATED[0x0112] = 6


def large(mode: str = "RGB") -> Image.Image:
    return Image.fromarray(astronaut()).resize((SIDE, SIDE), Image.Resampling.NEAREST).convert(mode)


def grey(kind: type) -> Image.Image:
    return Image.fromarray(np.asarray(large("L")).astype(kind))


def saved(image: Image.Image, format: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)  # type: ignore[arg-type]
    return file.getvalue()


# Bytes a pixel beside four times the file, and what they are spent on.
LARGEST: dict[str, tuple[Callable[[], bytes], int]] = {
    "JPEG": (lambda: saved(large(), "JPEG", quality=30), 8),
    "turned JPEG": (lambda: saved(large(), "JPEG", quality=30, exif=ROTATED.tobytes()), 8),
    "progressive JPEG": (
        lambda: saved(large(), "JPEG", quality=30, progressive=True, subsampling=0),
        12,
    ),
    "PNG": (lambda: saved(large(), "PNG", compress_level=1), 8),
    "PNG with alpha": (lambda: saved(large("RGBA"), "PNG", compress_level=1), 8),
    "grey PNG with alpha": (lambda: saved(large("LA"), "PNG", compress_level=1), 8),
    "PNG of 16 bit": (lambda: saved(grey(np.uint16), "PNG", compress_level=1), 8),
    "turned TIFF": (
        lambda: saved(large(), "TIFF", compression="tiff_adobe_deflate", exif=ROTATED),
        12,
    ),
    "GIF": (lambda: saved(large("P"), "GIF"), 8),
    "WebP": (lambda: saved(large("RGBA"), "WEBP", quality=1, method=0), 18),
}


@pytest.mark.parametrize("kind", LARGEST)
def test_the_largest_photo_takes_memory_and_time_in_bounds(kind: str, tmp_path: Path) -> None:
    make, each = LARGEST[kind]
    file = tmp_path / "large"
    file.write_bytes(make())
    assert file.stat().st_size < PhotoLimits().max_bytes
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, fresh) as pool:
        result = pool.submit(measured_alone, file).result(timeout=300)
    assert result["outcome"] == "photo"
    assert result["seconds"] < MOST_SECONDS
    print(f"{kind}: {result['bytes'] / PIXELS:.1f} bytes a pixel, {result['seconds']:.1f} s")
    assert result["bytes"] < each * PIXELS + 4 * file.stat().st_size
    assert result["bytes"] < most_memory(PhotoLimits())

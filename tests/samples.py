"""Pictures for tests: two public-domain portraits from packages, and what we make of them.

Grace Hopper, U.S. Navy, in matplotlib's sample data; Eileen Collins, NASA, in scikit-image.
"""

import io
from functools import lru_cache
from pathlib import Path

import matplotlib
import numpy as np
import skimage.data
from PIL import Image

from webapp.vision.types import Pixels

GRACE_HOPPER = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"


@lru_cache
def grace_hopper() -> Pixels:
    """One face, about 170×220 of 512×600 pixels."""
    with Image.open(GRACE_HOPPER) as image:
        return np.asarray(image.convert("RGB"))


@lru_cache
def astronaut() -> Pixels:
    """One face, about 80×100 of 512×512 pixels."""
    return np.asarray(skimage.data.astronaut())


@lru_cache
def grey() -> Pixels:
    """The astronaut without colours, height by width."""
    return np.asarray(Image.fromarray(astronaut()).convert("L"))


@lru_cache
def group(columns: int = 2, rows: int = 2) -> Pixels:
    """The two portraits in turn, 512×512 pixels each."""
    tiles = [grace_hopper()[:512], astronaut()]
    lines = [
        np.concatenate([tiles[(row + column) % 2] for column in range(columns)], axis=1)
        for row in range(rows)
    ]
    return np.concatenate(lines, axis=0)


def enlarged(pixels: Pixels, width: int, height: int) -> Pixels:
    """Resampled to a size."""
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC))


def encoded(pixels: Pixels, format: str = "JPEG", **options: object) -> bytes:
    """A file of that format."""
    return saved(Image.fromarray(pixels), format, **options)


def saved(image: Image.Image, format: str, **options: object) -> bytes:
    """The same from a picture of any mode."""
    file = io.BytesIO()
    image.save(file, format, **options)  # type: ignore[arg-type]
    return file.getvalue()

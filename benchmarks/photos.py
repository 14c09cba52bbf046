"""Photos of any size with any number of faces, made from two public-domain portraits."""

import io
import math
from functools import lru_cache
from pathlib import Path

import matplotlib
import numpy as np
import numpy.typing as npt
import skimage.data
from PIL import Image

SIZES = {"0.3 MP": (640, 480), "2.6 MP": (1920, 1366), "12 MP": (4000, 3000)}
FACES = (1, 4, 20)
BACKGROUND = (176, 188, 196)


@lru_cache
def _portraits() -> tuple[Image.Image, Image.Image]:
    path = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    with Image.open(path) as hopper:
        first = hopper.convert("RGB").crop((56, 0, 456, 400))
    astronaut = skimage.data.astronaut()  # type: ignore[no-untyped-call]
    second = Image.fromarray(np.asarray(astronaut)).crop((125, 0, 325, 200))
    return first, second


def composed(width: int, height: int, faces: int) -> npt.NDArray[np.uint8]:
    """A photo of that size with so many portraits in rows; RGB ``uint8`` (height, width, 3)."""
    columns = math.ceil(math.sqrt(faces * width / height))
    rows = math.ceil(faces / columns)
    side = min(width // columns, height // rows)
    canvas = Image.new("RGB", (width, height), BACKGROUND)
    for number in range(faces):
        row, column = divmod(number, columns)
        portrait = _portraits()[(row + column) % 2].resize((side, side), Image.Resampling.BICUBIC)
        canvas.paste(portrait, (column * width // columns, row * height // rows))
    return np.asarray(canvas)


def jpeg(width: int, height: int, faces: int) -> bytes:
    """The same as a JPEG file, as a phone would send it."""
    file = io.BytesIO()
    Image.fromarray(composed(width, height, faces)).save(file, "JPEG", quality=90)
    return file.getvalue()

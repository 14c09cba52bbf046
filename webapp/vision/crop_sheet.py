"""Small copies of all crops of a photo in one picture, so that a page asks for one file."""

import io
import math
from collections.abc import Sequence

from PIL import Image, ImageOps

SIDE, COLUMNS = 96, 10
"""Width and height of each copy in pixels, and how many there are per row."""


def crop_sheet(files: Sequence[bytes]) -> bytes:
    """A WebP file with the crops in order, line by line. ``files`` are pictures of our own."""
    sheet = Image.new("RGB", (SIDE * COLUMNS, SIDE * math.ceil(len(files) / COLUMNS)))
    for index, data in enumerate(files):
        row, column = divmod(index, COLUMNS)
        with Image.open(io.BytesIO(data)) as crop:
            sheet.paste(ImageOps.fit(crop, (SIDE, SIDE)), (SIDE * column, SIDE * row))
    file = io.BytesIO()
    sheet.save(file, "WEBP", quality=75)
    return file.getvalue()

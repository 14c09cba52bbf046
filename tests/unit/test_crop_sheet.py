"""All crops in one picture."""

import io

import numpy as np
import pytest
from PIL import Image

from webapp.vision.crop_sheet import COLUMNS, SIDE, crop_sheet
from webapp.vision.photo import encode_jpeg


@pytest.mark.parametrize("count", [1, 9, 10, 11, 500])
def test_each_crop_stands_at_its_place(count: int) -> None:
    shades = [index * 211 % 256 for index in range(count)]
    files = [encode_jpeg(np.full((30, 20, 3), shade, np.uint8)) for shade in shades]
    with Image.open(io.BytesIO(crop_sheet(files))) as sheet:
        assert sheet.size == (SIDE * COLUMNS, SIDE * -(-count // COLUMNS))
        grey = np.asarray(sheet.convert("L")).astype(int)
    for index, shade in enumerate(shades):
        row, column = divmod(index, COLUMNS)
        middle = grey[row * SIDE + SIDE // 2, column * SIDE + SIDE // 2]
        assert abs(middle - shade) < 12

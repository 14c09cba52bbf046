"""The pictures that can be made from a photo and its analysis.

A hidden face is replaced, not smoothed: what a blur or a fine mosaic leaves of a face is enough to
find out whose it is (McPherson, Shokri and Shmatikov 2016). All that stays here of a face and what
is around it are the mean colours of 4 × 4 cells, each channel in eight steps, or nothing at all.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

import numpy as np
from PIL import Image

from webapp.errors import translatable
from webapp.vision.annotate import annotate
from webapp.vision.photo import Photo
from webapp.vision.types import Analysis, Box

Style = Literal["annotated", "boxes", "blurred", "pixelated", "covered"]

STYLES: Mapping[Style, str] = {
    "annotated": translatable("Boxes and labels"),
    "boxes": translatable("Boxes only"),
    "blurred": translatable("Faces blurred"),
    "pixelated": translatable("Faces pixelated"),
    "covered": translatable("Faces covered"),
}
"""Every style with its title."""

CELLS, STEP = 4, 32
"""Cells along a side of a face, and the step between colours in one channel."""
MARGIN = 0.25
"""Margin hidden around a face's box for hair, ears and chin, as a share of its sides."""
COVER = (6, 20, 33)

Fill = Callable[[Image.Image], Image.Image]
"""Makes the replacement for a part of a photo, of equal size."""


def draw(photo: Photo, analysis: Analysis, style: Style) -> Photo:
    """A full-resolution copy of a photo: with boxes and labels (``annotated``), with boxes alone,
    or with every face of the analysis made unrecognisable.
    """
    if style in _FILLS:
        return hide(photo, (face.box for face in analysis.faces), _FILLS[style])
    return annotate(photo, analysis, labels=style == "annotated")


def hide(photo: Photo, faces: Iterable[Box], fill: Fill) -> Photo:
    """A full-resolution copy of a photo in which these faces and a margin are replaced."""
    image = Image.fromarray(photo.pixels)
    for face in faces:
        x, y = round(MARGIN * face.width), round(MARGIN * face.height)
        part = face.with_margin(x, y).clipped(*image.size)
        if part.area:
            corners = (part.x, part.y, part.right, part.bottom)
            image.paste(fill(image.crop(corners)), corners)
    return Photo.of(np.asarray(image))


def pixelated(part: Image.Image) -> Image.Image:
    """A mosaic of few cells."""
    return _cells(part).resize(part.size, Image.Resampling.NEAREST)


def blurred(part: Image.Image) -> Image.Image:
    """The same few colours running into one another."""
    return _cells(part).resize(part.size, Image.Resampling.BICUBIC)


def covered(part: Image.Image) -> Image.Image:
    """One dark colour."""
    return Image.new("RGB", part.size, COVER)


def _cells(part: Image.Image) -> Image.Image:
    means = np.asarray(part.resize((CELLS, CELLS), Image.Resampling.BOX))
    return Image.fromarray((means // STEP * STEP + STEP // 2).astype(np.uint8))


_FILLS: Mapping[Style, Fill] = {"blurred": blurred, "pixelated": pixelated, "covered": covered}

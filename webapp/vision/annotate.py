"""Draws boxes and labels on a copy of a photo, sized to suit photo and face."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from webapp.vision.photo import Photo
from webapp.vision.types import Analysis, Box, Face
from webapp.vision.words import age_in_words, faces_in_words, is_certain, percentage

AZURE = (0, 155, 255)
"""The article's colour of boxes."""
INK = (6, 20, 33)
"""Text on azure, and the thin outline of boxes; legible on light and dark photos."""

LINE_SHARE = 1 / 400  # line width as a share of the photo's longer side
TEXT_SHARES = (1 / 90, 1 / 45)  # smallest and largest text, as shares of the longer side
TEXT_PER_FACE = 0.15  # text height as a share of the face's width, between those two
SMALLEST_TEXT = 5  # pixels; a label that would have to be smaller is left out

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def annotate(photo: Photo, analysis: Analysis, *, labels: bool = True) -> Photo:
    """A full-resolution copy of the photo with every face's box drawn on it, and with ``labels``
    its age and gender, too.

    Labels stay inside the picture and, where there is room, off other faces and labels.
    """
    image = Image.fromarray(photo.pixels)
    draw = ImageDraw.Draw(image)
    line = max(2, round(max(image.size) * LINE_SHARE))
    for face in analysis.faces:
        _draw_box(draw, face.box, line)
    if labels:
        _draw_labels(draw, analysis, image.size)
    if analysis.faces_left_out:
        _draw_note(draw, faces_in_words(len(analysis.faces), analysis.faces_found), image.size)
    return Photo.of(np.asarray(image))


def label_text(face: Face) -> str:
    """Two lines: the age (one bucket with its confidence, or two buckets), and the gender."""
    age = age_in_words(face.age)
    if is_certain(face.age):
        age += f"  {percentage(face.age.confidence)}"
    return f"{age}\n{face.gender.label}  {percentage(face.gender.confidence)}"


def place_label(
    face: Box, size: tuple[int, int], picture: tuple[int, int], occupied: Sequence[Box]
) -> Box:
    """Where a label of ``size`` goes: above, below, beside or inside a face, wholly in the picture.

    The first place that covers nothing in ``occupied`` wins; failing that, the one that covers
    least. The face's own box may be in ``occupied``, so that it is covered only as a last resort.
    """
    width, height = size
    corners = [
        (face.x, face.y - height),
        (face.x, face.bottom),
        (face.right - width, face.y - height),
        (face.right - width, face.bottom),
        (face.right, face.y),
        (face.x - width, face.y),
        (face.x, face.bottom - height),
    ]
    places = [
        Box(
            min(max(x, 0), max(picture[0] - width, 0)),
            min(max(y, 0), max(picture[1] - height, 0)),
            width,
            height,
        )
        for x, y in corners
    ]
    return min(places, key=lambda place: sum(place.intersection(other) for other in occupied))


def _draw_box(draw: ImageDraw.ImageDraw, box: Box, line: int) -> None:
    outline = max(1, line // 3)
    left, top, right, bottom = box.x, box.y, box.right - 1, box.bottom - 1
    draw.rectangle(
        (left - outline, top - outline, right + outline, bottom + outline), outline=INK, width=line
    )
    draw.rectangle((left, top, right, bottom), outline=AZURE, width=line)


def _draw_labels(draw: ImageDraw.ImageDraw, analysis: Analysis, picture: tuple[int, int]) -> None:
    occupied = [face.box for face in analysis.faces]
    for face in analysis.faces:
        occupied.append(_draw_label(draw, face, picture, occupied))


def _draw_label(
    draw: ImageDraw.ImageDraw, face: Face, picture: tuple[int, int], occupied: Sequence[Box]
) -> Box:
    """Draw a face's label; returns the area it covers, empty if no legible label fits."""
    text = label_text(face)
    pixels, size = _fitting(draw, text, _text_size(face.box, picture), picture)
    if not pixels:
        return Box(0, 0, 0, 0)
    place = place_label(face.box, size, picture, occupied)
    _draw_plate(draw, text, pixels, place)
    return place


def _draw_note(draw: ImageDraw.ImageDraw, text: str, picture: tuple[int, int]) -> None:
    """Draw a line at the bottom left of the picture, if it fits."""
    largest = round(max(11.0, max(picture) * TEXT_SHARES[1]))
    pixels, (width, height) = _fitting(draw, text, largest, picture)
    if pixels:
        _draw_plate(draw, text, pixels, Box(0, picture[1] - height, width, height))


def _fitting(
    draw: ImageDraw.ImageDraw, text: str, pixels: int, picture: tuple[int, int]
) -> tuple[int, tuple[int, int]]:
    """The largest text size up to ``pixels`` whose label fits into the picture, and that label's
    size; zeros if no legible one does.
    """
    for smaller in range(pixels, SMALLEST_TEXT - 1, -1):
        width, height = _label_size(draw, text, smaller)
        if width <= picture[0] and height <= picture[1]:
            return smaller, (width, height)
    return 0, (0, 0)


def _text_size(face: Box, picture: tuple[int, int]) -> int:
    smallest, largest = (max(11.0, max(picture) * share) for share in TEXT_SHARES)
    return round(min(max(face.width * TEXT_PER_FACE, smallest), largest))


def _label_size(draw: ImageDraw.ImageDraw, text: str, pixels: int) -> tuple[int, int]:
    _, _, right, bottom = draw.multiline_textbbox((0, 0), text, font=_font(pixels))
    padding = _padding(pixels)
    return round(right) + 2 * padding, round(bottom) + 2 * padding


def _draw_plate(draw: ImageDraw.ImageDraw, text: str, pixels: int, place: Box) -> None:
    corner = (place.x, place.y, place.right - 1, place.bottom - 1)
    draw.rounded_rectangle(corner, radius=pixels // 4, fill=AZURE)
    padding = _padding(pixels)
    start = (place.x + padding, place.y + padding)
    draw.multiline_text(start, text, fill=INK, font=_font(pixels))


def _padding(pixels: int) -> int:
    return max(2, pixels // 3)


@lru_cache(maxsize=64)
def _font(pixels: int) -> Font:
    return ImageFont.load_default(pixels)

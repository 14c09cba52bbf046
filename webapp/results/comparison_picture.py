"""A comparison as one picture: one panel per contender, with its boxes and a heading."""

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from webapp.results.comparison import Comparison
from webapp.vision.annotate import annotate
from webapp.vision.photo import Photo, encode_jpeg, encode_webp, resized, webp_copy
from webapp.vision.types import Analysis, Box, Pixels
from webapp.vision.words import faces_in_words

PANEL_LONG_SIDE, SMALL_PANEL_WIDTH = 1000, 720
BAND = 44  # height in pixels of the line on top of a panel
GAP = 12
PAPER, INK = (250, 251, 252), (6, 20, 33)
ONLY_HERE = (255, 145, 0)
"""The frame of a face that no other detector found; orange keeps apart from the azure of boxes in
every common kind of colour blindness."""


SIDE_BY_SIDE = "side-by-side.jpg"


def small_panel_name(number: int) -> str:
    """The file of the same panel for small screens, ``SMALL_PANEL_WIDTH`` pixels wide."""
    return f"panel-{number}-small.webp"


def panel_name(number: int) -> str:
    """The file of a contender's panel; contenders count from 0."""
    return f"panel-{number}.webp"


def picture_files(photo: Photo, comparison: Comparison) -> dict[str, bytes]:
    """The files of all panels, and of the picture with all of them."""
    pictures = panels(photo, comparison)
    files = {panel_name(number): encode_webp(one) for number, one in enumerate(pictures)}
    for number in range(len(pictures)):
        panel = files[panel_name(number)]
        files[small_panel_name(number)] = webp_copy(panel, SMALL_PANEL_WIDTH)
    return {**files, SIDE_BY_SIDE: encode_jpeg(comparison_picture(pictures))}


def panels(photo: Photo, comparison: Comparison) -> list[Pixels]:
    """One picture per contender with its boxes, under a heading with its names and figures.

    Faces found by one detector alone are framed in orange.
    """
    return [_panel(photo, analysis, comparison) for analysis in comparison.analyses]


def panel_size(analysis: Analysis) -> tuple[int, int]:
    """Width and height in pixels of a contender's panel."""
    scale = min(1.0, PANEL_LONG_SIDE / max(analysis.width, analysis.height))
    width, height = (max(1, round(scale * side)) for side in (analysis.width, analysis.height))
    return width, height + BAND


def comparison_picture(panels: Sequence[Pixels]) -> Pixels:
    """All panels side by side in rows: RGB ``uint8``."""
    columns = {1: 1, 2: 2, 4: 2}.get(len(panels), 3)
    rows = math.ceil(len(panels) / columns)
    height, width = panels[0].shape[:2]
    size = (columns * (width + GAP) + GAP, rows * (height + GAP) + GAP)
    sheet = Image.new("RGB", size, PAPER)
    for number, panel in enumerate(panels):
        row, column = divmod(number, columns)
        place = (GAP + column * (width + GAP), GAP + row * (height + GAP))
        sheet.paste(Image.fromarray(panel), place)
    return np.asarray(sheet)


def heading(analysis: Analysis, comparison: Comparison) -> str:
    """A contender in one line: names, faces, faces of its own, time to find them."""
    only = len(comparison.only_found_by(analysis.detector))
    faces = faces_in_words(len(analysis.faces), analysis.faces_found)
    words = f"{analysis.detector} · {analysis.model} · {faces}"
    own = f", {only} found by no other" if only else ""
    return f"{words}{own} · {analysis.timings_ms['detect']:.0f} ms"


def _panel(photo: Photo, analysis: Analysis, comparison: Comparison) -> Pixels:
    drawn = annotate(photo, analysis).pixels
    width, height = panel_size(analysis)
    scale = width / photo.width
    if scale < 1:
        drawn = resized(drawn, (width, height - BAND))
    body = Image.fromarray(drawn)
    for face in comparison.only_found_by(analysis.detector):
        _frame(body, face.box, scale)
    panel = Image.new("RGB", (width, height), PAPER)
    panel.paste(body, (0, BAND))
    _write(panel, heading(analysis, comparison))
    return np.asarray(panel)


def _frame(body: Image.Image, box: Box, scale: float) -> None:
    edges = [scale * edge for edge in (box.x, box.y, box.right, box.bottom)]
    outset = [edges[0] - 5, edges[1] - 5, edges[2] + 5, edges[3] + 5]
    ImageDraw.Draw(body).rectangle(outset, outline=ONLY_HERE, width=4)


def _write(panel: Image.Image, words: str) -> None:
    """The heading, as large as the panel's width allows."""
    size = 22.0
    while size > 8 and ImageFont.load_default(size).getlength(words) > panel.width - 8:
        size -= 1
    ImageDraw.Draw(panel).text((4, BAND / 2), words, INK, ImageFont.load_default(size), "lm")

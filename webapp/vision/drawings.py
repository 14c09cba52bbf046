"""The pictures that can be made from a photo and its analysis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from webapp.vision.annotate import annotate
from webapp.vision.hiding import Fill, blurred, covered, hide, pixelated
from webapp.vision.photo import Photo
from webapp.vision.types import Analysis

Style = Literal["annotated", "boxes", "blurred", "pixelated", "covered"]

STYLES: Mapping[Style, str] = {
    "annotated": "Boxes and labels",
    "boxes": "Boxes only",
    "blurred": "Faces blurred",
    "pixelated": "Faces pixelated",
    "covered": "Faces covered",
}
"""Every style with its title."""

_FILLS: Mapping[Style, Fill] = {"blurred": blurred, "pixelated": pixelated, "covered": covered}


def draw(photo: Photo, analysis: Analysis, style: Style) -> Photo:
    """A full-resolution copy of a photo: with boxes and labels (``annotated``), with boxes alone,
    or with every face of the analysis made unrecognisable.
    """
    if style in _FILLS:
        return hide(photo, (face.box for face in analysis.faces), _FILLS[style])
    return annotate(photo, analysis, labels=style == "annotated")

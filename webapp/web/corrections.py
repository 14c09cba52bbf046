"""Manual corrections of an analysis: missed faces, wrong boxes, detections that are not faces."""

import re
from dataclasses import dataclass, replace
from typing import Self

from flask import Request

from webapp.results.schema import Record
from webapp.results.upload import quotable
from webapp.vision.types import Analysis, Box, Face
from webapp.web.errors import InvalidOption
from webapp.web.uploads import refuse_unknown_fields

SMALLEST_BOX = 8
"""Least side of a box in pixels, inside the photo; networks are useless for smaller faces."""
_EDGES = ("x", "y", "width", "height")
_WHOLE = re.compile(r"-?[0-9]{1,6}")


@dataclass(frozen=True)
class Correction:
    """A face's new box, or None to remove the face; ``number`` counts from 1, None is a new face.

    The box is in pixels of the photo as the analysis shows it.
    """

    number: int | None
    box: Box | None

    @classmethod
    def of(cls, request: Request) -> Self:
        """What the form says. Raises InvalidOption."""
        form = request.form
        refuse_unknown_fields(request, ("face", "remove", *_EDGES))
        number = _whole("face", form["face"]) if form.get("face") else None
        if "remove" in form:
            return cls(number, None)
        return cls(number, Box(*(_whole(edge, form.get(edge, "")) for edge in _EDGES)))

    def checked(self, analysis: Analysis, most: int) -> Self:
        """The same, the box clipped to the photo. Raises InvalidOption for what cannot be done
        with these faces, of which there may be so many.
        """
        count = len(analysis.faces)
        if self.number is not None and not 1 <= self.number <= count:
            raise InvalidOption(
                "There is no face %(number)s; there are %(count)s.", number=self.number, count=count
            )
        if self.number is None and (self.box is None or count >= most):
            if self.box is None:
                raise InvalidOption("Choose the face to remove.")
            raise InvalidOption(
                "There are already %(count)s faces, which is the limit.", count=count
            )
        if self.box is None:
            return self
        box = self.box.clipped(analysis.width, analysis.height)
        if min(box.width, box.height) < SMALLEST_BOX:
            raise InvalidOption(
                "The box must have at least %(least)s pixels in the photo.", least=SMALLEST_BOX
            )
        return replace(self, box=box)


def corrected(
    record: Record, crops: tuple[str, ...], change: Correction, seen: tuple[Face, str] | None
) -> Record:
    """A record after a correction; ``seen`` is the face in the new box and the name of its crop.

    ``crops`` are the names of the crops before.
    """
    pairs = list(zip(record.analysis.faces, crops, strict=True))
    place = len(pairs) if change.number is None else change.number - 1
    pairs[place : place + 1] = [] if seen is None else [seen]
    analysis = replace(record.analysis, faces=tuple(face for face, _ in pairs), corrected=True)
    return replace(record, analysis=analysis, crops=tuple(crop for _, crop in pairs))


def _whole(name: str, text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise InvalidOption(
            "The field “%(name)s” must be a whole number, not “%(text)s”.",
            name=name,
            text=quotable(text),
        )
    return int(text)

"""The whole way from a file's bytes to its analysis, the same for every door."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Final, Literal

from webapp.vision.analyzer import Analyzer, Examination
from webapp.vision.decode import PhotoLimits, decode
from webapp.vision.detectors.base import DetectionOptions
from webapp.vision.photo import Photo

AUTO: Final = "auto"
Turn = int | Literal["auto"]
"""Quarter turns clockwise, 0 to 3; or the other ones, too, where no face is found without."""


def examine_bytes(
    data: bytes,
    limits: PhotoLimits,
    analyzer: Analyzer,
    options: DetectionOptions,
    turn: Turn = 0,
) -> tuple[Photo, Examination]:
    """Decode a photo, turn it, and examine it; the photo as it was examined.

    The time for decoding leads the analysis's timings. Raises what ``decode`` raises.
    """
    started = time.perf_counter()
    photo = decode(data, limits)
    decoding = round(1000 * (time.perf_counter() - started), 1)
    photo, examination = examine_turned(photo, analyzer, options, turn)
    timings = {"decode": decoding, **examination.analysis.timings_ms}
    analysis = replace(examination.analysis, timings_ms=timings)
    return photo, replace(examination, analysis=analysis)


def examine_turned(
    photo: Photo, analyzer: Analyzer, options: DetectionOptions, turn: Turn
) -> tuple[Photo, Examination]:
    """Turn a photo and examine it; the turned photo, which the boxes are of.

    AUTO is the first of all four turns where that shows a face, and else the one whose faces are
    the surest in all: of a photo that stands on its head some detectors find the faces, too.
    """

    def examined(quarter_turns: int) -> tuple[Photo, Examination]:
        turned = photo.turned(quarter_turns) if quarter_turns else photo
        examination = analyzer.examine(turned, options)
        analysis = replace(examination.analysis, quarter_turns=quarter_turns)
        return turned, replace(examination, analysis=analysis)

    first = examined(0 if turn == AUTO else turn)
    if turn != AUTO or first[1].analysis.faces:
        return first
    return max([first, *map(examined, (1, 2, 3))], key=lambda pair: _confidence(pair[1]))


def _confidence(examination: Examination) -> float:
    return sum(face.detection_confidence for face in examination.analysis.faces)

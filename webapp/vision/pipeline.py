"""From a file's bytes to its analysis; shared by the web, the workers and the command line."""

from __future__ import annotations

import time
from dataclasses import replace

from webapp.vision.analyzer import Analyzer, Examination
from webapp.vision.decode import PhotoLimits, decode
from webapp.vision.detectors.base import DetectionOptions
from webapp.vision.photo import Photo

Turn = int | None
"""Quarter turns clockwise, 0 to 3; None: the one that shows faces upright."""


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
    """Turn a photo and examine it; the turned photo, which the boxes are of."""
    if turn is None:
        turn, photo, found = analyzer.find_upright(photo, options)
    else:
        photo = photo.turned(turn) if turn else photo
        found = analyzer.find(photo, options)
    examination = analyzer.examine_faces(photo, found, options.maximum_faces)
    analysis = replace(examination.analysis, quarter_turns=turn)
    return photo, replace(examination, analysis=analysis)

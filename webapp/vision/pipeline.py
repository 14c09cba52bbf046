"""The whole way from a file's bytes to its analysis, the same for every door."""

from __future__ import annotations

import time
from dataclasses import replace

from webapp.vision.analyzer import Analyzer, Examination
from webapp.vision.decode import PhotoLimits, decode
from webapp.vision.detectors.base import DetectionOptions
from webapp.vision.photo import Photo


def examine_bytes(
    data: bytes,
    limits: PhotoLimits,
    analyzer: Analyzer,
    options: DetectionOptions,
    quarter_turns: int = 0,
) -> tuple[Photo, Examination]:
    """Decode a photo, turn it clockwise by quarter turns, and examine it.

    The time for decoding and turning leads the analysis's timings. Raises what ``decode`` raises.
    """
    started = time.perf_counter()
    photo = decode(data, limits)
    if quarter_turns:
        photo = photo.turned(quarter_turns)
    decoding = round(1000 * (time.perf_counter() - started), 1)
    examination = analyzer.examine(photo, options)
    timings = {"decode": decoding, **examination.analysis.timings_ms}
    analysis = replace(examination.analysis, timings_ms=timings)
    return photo, replace(examination, analysis=analysis)

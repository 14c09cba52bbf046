"""Where our own time goes: milliseconds of every stage, by size of photo and number of faces."""

import statistics
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks.photos import FACES, SIZES, jpeg
from webapp.assembly import build_registry
from webapp.settings import Settings
from webapp.vision.analyzer import Analyzer
from webapp.vision.annotate import annotate
from webapp.vision.photo import encode_jpeg

STAGES = ("decode", "detect", "estimate", "encode", "annotate", "encode annotated")
REPEATS = 5


@dataclass(frozen=True)
class Row:
    """One size of photo and number of faces; medians."""

    size: str
    faces: int
    milliseconds: Mapping[str, float]


def stages_of(data: bytes, analyzer: Analyzer, settings: Settings) -> dict[str, float]:
    """Milliseconds of each stage for one photo; the last two run only when a person asks."""
    examination = analyzer.examine_bytes(data, settings.photo_limits, settings.detection())
    photo = examination.photo
    times = dict(examination.analysis.timings_ms)
    laps = [time.perf_counter()]
    encode_jpeg(photo.bounded(settings.display_long_side))
    laps.append(time.perf_counter())
    drawn = annotate(photo, examination.analysis)
    laps.append(time.perf_counter())
    encode_jpeg(drawn.pixels)
    laps.append(time.perf_counter())
    for name, start, end in zip(STAGES[3:], laps, laps[1:], strict=False):
        times[name] = 1000 * (end - start)
    return times


def rows() -> Iterator[Row]:
    """A row for each size and number of faces."""
    settings = Settings()
    analyzer = build_registry(settings).analyzer()
    for size, (width, height) in SIZES.items():
        for faces in FACES:
            data = jpeg(width, height, faces)
            stages_of(data, analyzer, settings)
            runs = [stages_of(data, analyzer, settings) for _ in range(REPEATS)]
            medians = {name: statistics.median(run[name] for run in runs) for name in STAGES}
            yield Row(size, faces, medians)

"""Different photos for an album, each with what the pipeline itself says of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.samples import encoded, enlarged, group
from webapp.assembly import build_registry
from webapp.results.schema import analysis_document
from webapp.settings import Settings
from webapp.vision.analyzer import Analyzer
from webapp.vision.errors import VisionError

BROKEN, NO_PHOTO = 13, 29
"""The numbers of two files that fail, each in its own way."""


@dataclass(frozen=True)
class Sample:
    """A file, and the JSON that an album must hold for it, without timings."""

    name: str
    data: bytes
    expected: dict[str, Any]

    def named(self, name: str) -> Sample:
        """The same under another name."""
        return Sample(name, self.data, {**self.expected, "photo": name})


def sample(name: str, data: bytes, analyzer: Analyzer, settings: Settings) -> Sample:
    """A file, analysed here and now."""
    options = settings.detection()
    try:
        examination = analyzer.examine_bytes(data, settings.photo_limits, options)
    except VisionError as error:
        problem = {"code": error.code, "message": str(error)}
        return Sample(name, data, {"photo": name, "error": problem})
    return Sample(name, data, without_timings(analysis_document(name, examination.analysis)))


def samples(count: int, settings: Settings) -> list[Sample]:
    """So many files, no two of one size, each analysed."""
    analyzer = build_registry(settings).analyzer()
    return [sample(name, data, analyzer, settings) for name, data in files(count)]


def files(count: int) -> Iterator[tuple[str, bytes]]:
    """Names and contents: one to six faces, half a megapixel to six."""
    for number in range(1, count + 1):
        if number == NO_PHOTO:
            yield f"{number:03}.txt", b"a shopping list"
            continue
        columns, rows = 1 + number % 3, 1 + number % 2
        side = 640 + 12 * (number % 60)
        photo = enlarged(group(columns, rows), columns * side, rows * side + number)
        data = encoded(photo, quality=88)
        yield f"{number:03}.jpg", data[: len(data) // 50] if number == BROKEN else data


def without_timings(photo: dict[str, Any]) -> dict[str, Any]:
    """What must be the same wherever and whenever a photo is analysed."""
    return {name: value for name, value in photo.items() if name != "timings_ms"}

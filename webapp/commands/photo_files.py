"""Photos on the disk: found in folders, and analysed one by one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from webapp.assembly import build_registry
from webapp.settings import Settings
from webapp.vision.analyzer import Analyzer
from webapp.vision.annotate import annotate
from webapp.vision.errors import UnreadablePhoto, VisionError
from webapp.vision.photo import encode_jpeg
from webapp.vision.pipeline import examine_bytes
from webapp.vision.types import Analysis

PHOTO_SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".mpo", ".png", ".webp", ".gif", ".bmp"),
    *(".tif", ".tiff", ".avif", ".heic", ".heif"),
)
"""Files of a folder that are taken for photos; a file that is named itself always is."""


@dataclass(frozen=True)
class AnalyzeOptions:
    """The choices that hold for every photo of one call."""

    detector: str | None = None
    model: str | None = None
    threshold: float | None = None
    # Whether each photo is one face crop.
    crops: bool = False
    # Whether networks that can average over ten views of a face do; None leaves it to their cards.
    oversample: bool | None = None
    # Folder for the photos with boxes and labels; None writes none.
    annotated: Path | None = None


class Unwritable(VisionError):
    """The picture with boxes and labels could not be written to the disk."""

    code = "unwritable_picture"


@dataclass(frozen=True)
class Outcome:
    """One photo: its analysis, or why there is none."""

    path: Path
    result: Analysis | VisionError


def analyzer_for(options: AnalyzeOptions, settings: Settings) -> Analyzer:
    """The analyzer that the options ask for. Raises VisionError."""
    registry = build_registry(settings, options.oversample)
    analyzer = registry.analyzer(options.detector, options.model)
    return analyzer.for_crops() if options.crops else analyzer


def walk(paths: Iterable[Path]) -> Iterator[Path]:
    """The files among ``paths``, and in place of each folder the photos under it, sorted."""
    for path in paths:
        if path.is_dir():
            yield from sorted(_photos_under(path))
        else:
            yield path


def _photos_under(folder: Path) -> Iterator[Path]:
    """The photos in a folder and those below it; links to folders are not followed.

    A folder that cannot be listed stands for its photos, so that it is reported like one of them.
    """
    closed: list[Path] = []
    listing = os.walk(folder, onerror=lambda error: closed.append(Path(error.filename)))
    for parent, _, names in listing:
        yield from filter(_is_photo, (Path(parent) / name for name in names))
    yield from closed


def _is_photo(file: Path) -> bool:
    hidden = file.name.startswith(".")
    return file.suffix.lower() in PHOTO_SUFFIXES and not hidden


def analyze_photo(
    path: Path, analyzer: Analyzer, options: AnalyzeOptions, settings: Settings
) -> Outcome:
    """Analyse one file, and draw it where that was asked for."""
    try:
        with path.open("rb") as file:
            # One byte beyond the limit tells that it is exceeded, whatever size the file has.
            data = file.read(settings.max_bytes + 1)
    except OSError as error:
        return Outcome(path, UnreadablePhoto(f"The file cannot be read: {error.strerror}."))
    try:
        photo, examination = examine_bytes(
            data, settings.photo_limits, analyzer, settings.detection(options.threshold)
        )
        if options.annotated is not None:
            drawn = encode_jpeg(annotate(photo, examination.analysis).pixels)
            _write_beside_others(options.annotated, path.stem, drawn)
    except VisionError as error:
        return Outcome(path, error)
    return Outcome(path, examination.analysis)


def _write_beside_others(folder: Path, stem: str, data: bytes) -> None:
    """Write ``<stem>.jpg``; where two photos share a name, the later one gets a number.

    Raises Unwritable.
    """
    path, number = folder / f"{stem}.jpg", 1
    try:
        folder.mkdir(parents=True, exist_ok=True)
        while not _written_anew(path, data):
            number += 1
            path = folder / f"{stem}-{number}.jpg"
    except OSError as error:
        raise Unwritable(f"The picture cannot be written: {error.strerror}.") from error


def _written_anew(path: Path, data: bytes) -> bool:
    """Write a file unless it exists; whether it was written. Several processes may try at once."""
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        return False
    return True

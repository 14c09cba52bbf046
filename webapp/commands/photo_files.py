"""Photos on the disk: found in folders, and analysed one by one."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from webapp.assembly import build_registry
from webapp.commands.drawings import is_drawing, write_drawing
from webapp.settings import Settings
from webapp.vision.analyzer import Analyzer
from webapp.vision.annotate import annotate
from webapp.vision.decode import start_decoder
from webapp.vision.decode.candidates import HEAD_BYTES, is_system_name, may_be_photo
from webapp.vision.errors import UnreadablePhoto, VisionError
from webapp.vision.pipeline import Turn, examine_bytes
from webapp.vision.types import Analysis


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
    # Quarter turns clockwise before faces are looked for.
    turn: Turn = None
    # Folder for the photos with boxes and labels; None writes none.
    annotated: Path | None = None


@dataclass(frozen=True)
class Task:
    """A photo to analyse, and where its drawing goes; None draws none."""

    path: Path
    drawing: Path | None = None


@dataclass(frozen=True)
class Outcome:
    """One photo: its analysis, or why there is none."""

    path: Path
    result: Analysis | VisionError


def analyzer_for(options: AnalyzeOptions, settings: Settings) -> Analyzer:
    """The analyzer that the options ask for. Raises VisionError."""
    start_decoder()  # it loads while networks are built
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
    """The photos in a folder and those below it, without drawings of ours.

    Links to folders are not followed, hidden folders and those of systems not entered. A folder
    that cannot be listed stands for its photos, so that it is reported like one of them.
    """
    closed: list[Path] = []
    listing = os.walk(folder, onerror=lambda error: closed.append(Path(error.filename)))
    for parent, folders, names in listing:
        folders[:] = [name for name in folders if not is_system_name(name)]
        yield from filter(_is_photo, (Path(parent) / name for name in names))
    yield from closed


def _is_photo(file: Path) -> bool:
    if is_system_name(file.name) or not _may_be_regular(file):
        return False
    return may_be_photo(file.name, lambda: _head(file)) and not is_drawing(file)


def _may_be_regular(file: Path) -> bool:
    """Whether a file can be opened without waiting: no pipe, no device. A broken link passes."""
    try:
        return stat.S_ISREG(file.stat().st_mode)
    except OSError:
        return True


def _head(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(HEAD_BYTES)
    except OSError:
        return b""


def read_file(path: Path, settings: Settings) -> bytes:
    """A photo's bytes; of one that is too large, so many that it shows. Raises UnreadablePhoto."""
    try:
        with path.open("rb") as file:
            return file.read(settings.max_bytes + 1)
    except OSError as error:
        raise UnreadablePhoto(f"The file cannot be read: {error.strerror}.") from error


def analyze_photo(
    task: Task, analyzer: Analyzer, options: AnalyzeOptions, settings: Settings
) -> Outcome:
    """Analyse one file, and draw it where that was asked for."""
    try:
        photo, examination = examine_bytes(
            read_file(task.path, settings),
            settings.photo_limits,
            analyzer,
            settings.detection(options.threshold),
            options.turn,
        )
        if task.drawing is not None:
            write_drawing(task.drawing, annotate(photo, examination.analysis).pixels)
    except VisionError as error:
        return Outcome(task.path, error)
    return Outcome(task.path, examination.analysis)

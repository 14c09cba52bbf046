"""Photos on disk: finds them in folders and analyses them in one process or several."""

import os
import signal
import stat
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import click

from webapp.api import Options, analyze_with, analyzer_for
from webapp.commands.drawings import is_drawing, write_drawing
from webapp.settings import Settings
from webapp.vision.analyzer import Analyzer
from webapp.vision.decode.candidates import HEAD_BYTES, is_system_name, may_be_photo
from webapp.vision.errors import VisionError
from webapp.vision.types import Analysis


@dataclass(frozen=True)
class AnalyzeOptions(Options):
    """The choices that hold for every photo of one call."""

    # Folder for the photos with boxes and labels; None writes none.
    annotated: Path | None = None


@dataclass(frozen=True)
class Task:
    """A photo to analyse, and where its drawing goes; None draws none."""

    path: Path
    drawing: Path | None = None


@dataclass(frozen=True)
class Outcome:
    """One photo: its analysis, or the reason why there is none."""

    path: Path
    result: Analysis | VisionError


def walk(paths: Iterable[Path]) -> Iterator[Path]:
    """The files among ``paths``, and in place of each folder the photos under it, sorted."""
    for path in paths:
        if path.is_dir():
            yield from sorted(_photos_under(path))
        else:
            yield path


def _photos_under(folder: Path) -> Iterator[Path]:
    """The photos in a folder and those below it, without drawings of ours.

    Links to folders are not followed; hidden and system folders are skipped. A folder
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
    """Whether opening a file cannot block: it is no pipe and no device. Broken links pass."""
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


def analyze_photo(
    task: Task, analyzer: Analyzer, options: AnalyzeOptions, settings: Settings
) -> Outcome:
    """Analyse one file, and draw it where that was asked for."""
    try:
        photo = analyze_with(analyzer, task.path, options, settings)
        if task.drawing is not None:
            write_drawing(task.drawing, photo.annotated().pixels)
    except VisionError as error:
        return Outcome(task.path, error)
    return Outcome(task.path, photo.analysis)


class BatchAnalyzer:
    """The same options for many photos."""

    def __init__(self, options: AnalyzeOptions, settings: Settings, jobs: int) -> None:
        """Build the networks. Raises VisionError if the options do not fit."""
        self.options = options
        self._settings = settings
        self._jobs = jobs
        self._analyzer = analyzer_for(options, settings)

    def outcomes(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
        """The outcome of each photo, in order."""
        if self._jobs == 1 or len(tasks) < 2:
            for task in tasks:
                yield analyze_photo(task, self._analyzer, self.options, self._settings)
        else:
            yield from self._outcomes_of_processes(tasks)

    def _outcomes_of_processes(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
        # Spawned, not forked: networks and their threads do not survive a fork.
        pool = ProcessPoolExecutor(
            min(self._jobs, len(tasks)),
            get_context("spawn"),
            _begin,
            (self.options, self._settings),
        )
        try:
            yield from pool.map(_analyze, tasks)
        except BrokenProcessPool as error:
            raise click.ClickException(
                "A process died. With --out, re-run the same command to resume."
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


class _Process:
    """What one of several processes works with."""

    analyzer: Analyzer
    options: AnalyzeOptions
    settings: Settings


def _begin(options: AnalyzeOptions, settings: Settings) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who waits for us
    _Process.analyzer = analyzer_for(options, settings)
    _Process.options, _Process.settings = options, settings


def _analyze(task: Task) -> Outcome:
    return analyze_photo(task, _Process.analyzer, _Process.options, _Process.settings)

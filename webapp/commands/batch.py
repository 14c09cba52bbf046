"""Many photos, in this process or in several."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

import click

from webapp.commands.photo_files import (
    AnalyzeOptions,
    Outcome,
    Task,
    analyze_photo,
    analyzer_for,
)
from webapp.settings import Settings
from webapp.vision.analyzer import Analyzer


class Batch:
    """The same options for many photos."""

    def __init__(self, options: AnalyzeOptions, settings: Settings, jobs: int) -> None:
        """Build the networks. Raises VisionError where the options do not fit."""
        self.options = options
        self._settings = settings
        self._jobs = jobs
        self._analyzer = analyzer_for(options, settings)

    def outcomes(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
        """What became of each photo, in their order."""
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
                "A process died. With --out, the same call continues where this one stopped."
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

"""``agelens analyze``: photos and folders in, faces out as text, JSON or CSV."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from webapp.commands.batch import Batch
from webapp.commands.formats import FORMATS
from webapp.commands.journal import Journal, write_whole
from webapp.commands.photo_files import AnalyzeOptions, Outcome, walk
from webapp.settings import InvalidSetting, Settings
from webapp.vision.errors import VisionError

FORMAT_OF_SUFFIX = {".csv": "csv", ".json": "json", ".jsonl": "json"}


class Probability(click.FloatRange):
    """A range of numbers that, unlike click's own, does not let "nan" in."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        number = float(super().convert(value, param, ctx))
        if math.isnan(number):
            self.fail(f"{value!r} is not a number from 0 to 1.", param, ctx)
        return number


@click.command()
@click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--detector", help="mtcnn, haar or hog.")
@click.option("--model", help="The network (a folder in models/), or age=NAME,gender=NAME.")
@click.option(
    "--oversample/--no-oversample",
    default=None,
    help="Average over ten views of each face, where a network can; ten times the work.",
)
@click.option("--threshold", type=Probability(0, 1), help="Least confidence of a face.")
@click.option("--crops", is_flag=True, help="Each photo is one face crop, however tightly cut.")
@click.option(
    "--annotated",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write every photo with boxes and labels into this folder.",
)
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json", "csv"]),
    help="json is one object a line. [default: text, or what the name in --out says]",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write into this file; the same call again continues where one was broken off.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Processes, each with its own networks.",
)
def analyze(
    photos: tuple[Path, ...], output: str | None, out: Path | None, jobs: int, **choices: object
) -> None:
    """Find the faces in photos, or in all photos of folders, with age and gender.

    A photo that fails does not stop the others; the exit status is then 1.
    """
    options = AnalyzeOptions(**choices)  # type: ignore[arg-type] # click has checked the types
    try:
        batch = Batch(options, Settings.from_environment(), jobs)
    except (InvalidSetting, VisionError) as error:
        raise click.ClickException(str(error)) from error
    paths = list(walk(photos))
    if not paths:
        raise click.ClickException("No photos were found there.")
    if out is None:
        _print(batch, paths, output or "text")
    else:
        try:
            _write(batch, paths, output or FORMAT_OF_SUFFIX.get(out.suffix, "text"), out)
        except OSError as error:
            raise click.ClickException(f"{out} cannot be written: {error.strerror}") from error


def _print(batch: Batch, paths: list[Path], output: str) -> None:
    progress = tqdm(total=len(paths), unit="photo", file=sys.stderr, disable=None, leave=False)
    outcomes = Tally(batch.outcomes(paths), progress)
    for line in FORMATS[output](outcomes):
        click.echo(line)
    outcomes.exit_after_failures()


def _write(batch: Batch, paths: list[Path], output: str, out: Path) -> None:
    """Photos that were done by a call that was broken off are not done again."""
    journal = Journal(out, batch.options)
    known = journal.read(paths)
    progress = tqdm(total=len(paths), unit="photo", file=sys.stderr, disable=None, leave=False)
    progress.update(len(known))
    fresh = Tally(batch.outcomes([path for path in paths if path not in known]), progress)
    with journal:
        for outcome in fresh:
            journal.add(outcome)
            known[outcome.path] = outcome
    write_whole(out, FORMATS[output](known[path] for path in paths))
    journal.remove()
    fresh.exit_after_failures()


class Tally:
    """Outcomes on their way to the output; the progress bar moves, and failures are counted."""

    def __init__(self, outcomes: Iterable[Outcome], progress: tqdm[Any]) -> None:
        self._outcomes = outcomes
        self._progress = progress
        self._failures = 0

    def __iter__(self) -> Iterator[Outcome]:
        with self._progress:
            for outcome in self._outcomes:
                self._failures += isinstance(outcome.result, VisionError)
                self._progress.update()
                yield outcome

    def exit_after_failures(self) -> None:
        """End the command with status 1 where a photo failed."""
        if self._failures:
            raise SystemExit(1)

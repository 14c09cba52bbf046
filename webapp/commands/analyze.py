"""``agelens analyze``: photos and folders in, faces out as text, JSON or CSV."""

import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

import click
from tqdm import tqdm

from webapp.commands.drawings import drawing_paths
from webapp.commands.formats import FORMATS
from webapp.commands.journal import Journal
from webapp.commands.photo_files import AnalyzeOptions, BatchAnalyzer, Outcome, Task, walk
from webapp.files import is_stream, written_whole
from webapp.settings import Settings
from webapp.vision.errors import VisionError

STANDARD_OUTPUT = Path("-")
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
@click.option("--detector", help="One that `agelens models list` shows.")
@click.option("--model", help="The network (a folder in models/), or age=NAME,gender=NAME.")
@click.option(
    "--oversample/--no-oversample",
    default=None,
    help="Average over ten views per face, if the network supports it; takes ten times as long.",
)
@click.option("--threshold", type=Probability(0, 1), help="Least confidence of a face.")
@click.option("--crops", is_flag=True, help="Each photo is one face crop, however tightly cut.")
@click.option(
    "--turn",
    type=click.Choice(["0", "1", "2", "3", "auto"]),
    default="auto",
    show_default=True,
    help="Quarter turns clockwise; auto: those that show faces upright.",
)
@click.option(
    "--annotated",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write every photo with boxes and labels into this folder.",
)
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json", "csv"]),
    help="json is one object per line. [default: text, or by the file name in --out]",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    default=STANDARD_OUTPUT,
    help="Write to this file; re-run the same command to resume.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Processes, each with its own networks.",
)
def analyze(
    photos: tuple[Path, ...], output: str | None, out: Path, jobs: int, turn: str, **choices: object
) -> None:
    """Find faces in photos, and in all photos in folders, with age and gender.

    A photo that cannot be analysed does not stop the others; the exit status is then 1.
    """
    options = AnalyzeOptions(
        turn=None if turn == "auto" else int(turn),
        **choices,  # type: ignore[arg-type] # click has checked the types
    )
    batch = BatchAnalyzer(options, Settings.from_environment(), jobs)
    paths = list(walk(photos))
    if not paths:
        raise click.ClickException("No photos were found.")
    _run(batch, paths, out, output or FORMAT_OF_SUFFIX.get(out.suffix, "text"))


def _run(batch: BatchAnalyzer, paths: Sequence[Path], out: Path, output: str) -> None:
    folder = batch.options.annotated
    drawings = drawing_paths(paths, folder) if folder is not None else [None] * len(paths)
    tasks = [Task(*pair) for pair in zip(paths, drawings, strict=True)]
    if out == STANDARD_OUTPUT:
        if sys.stdout is None:
            raise click.ClickException("Standard output is closed; name a file with --out.")
        _print(batch, tasks, output, sys.stdout)
        return
    try:
        if is_stream(out):
            with out.open("w", encoding="utf-8", newline="\n") as stream:
                _print(batch, tasks, output, stream)
        else:
            _write(batch, tasks, output, out)
    except BrokenPipeError:
        raise  # the reader of the pipe has left; click ends quietly
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}") from error


def _print(batch: BatchAnalyzer, tasks: Sequence[Task], output: str, stream: TextIO) -> None:
    """Write the outcomes one by one, as they arrive."""
    outcomes = Tally(batch.outcomes(tasks), _progress_bar(len(tasks)))
    for line in FORMATS[output](outcomes):
        click.echo(line, stream, color=True)  # as it is, even if a name holds colours
    outcomes.exit_after_failures()


def _write(batch: BatchAnalyzer, tasks: Sequence[Task], output: str, out: Path) -> None:
    """Write a file atomically. Work done by an interrupted call is not repeated."""
    journal = Journal(out, batch.options)
    known = journal.read(task.path for task in tasks)
    progress = _progress_bar(len(tasks))
    progress.update(len(known))
    fresh = Tally(batch.outcomes([task for task in tasks if task.path not in known]), progress)
    with journal:
        for outcome in fresh:
            journal.add(outcome)
            known[outcome.path] = outcome
    with written_whole(out) as file:
        lines = FORMATS[output](known[task.path] for task in tasks)
        file.writelines(f"{line}\n".encode() for line in lines)
    journal.remove()
    fresh.exit_after_failures()


def _progress_bar(total: int) -> "tqdm[Any]":
    return tqdm(total=total, unit="photo", file=sys.stderr, disable=None, leave=False)


class Tally:
    """Outcomes on their way to the output; the progress bar moves, and failures are counted."""

    def __init__(self, outcomes: Iterable[Outcome], progress: "tqdm[Any]") -> None:
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
        """End the command with status 1 if a photo failed."""
        if self._failures:
            raise SystemExit(1)

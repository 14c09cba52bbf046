"""``agelens analyze``: photos and folders in, faces out as text, JSON or CSV."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from webapp.assembly import build_registry
from webapp.settings import InvalidSetting, Settings
from webapp.vision.analyzer import Analyzer
from webapp.vision.annotate import annotate
from webapp.vision.errors import UnreadablePhoto, VisionError
from webapp.vision.photo import encode_jpeg
from webapp.vision.pipeline import examine_bytes
from webapp.vision.types import Analysis, Face
from webapp.vision.words import age_in_words, is_certain, percentage
from webapp.web.present import analysis_as_json, csv_lines, failure_as_json

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
    default="text",
    show_default=True,
    help="json is one object a line, in the order of the photos.",
)
def analyze(photos: tuple[Path, ...], output: str, **choices: object) -> None:
    """Find the faces in photos, or in all photos of folders, with age and gender.

    A photo that fails does not stop the others; the exit status is then 1.
    """
    options = AnalyzeOptions(**choices)  # type: ignore[arg-type] # click has checked the types
    try:
        settings = Settings.from_environment()
        registry = build_registry(settings, options.oversample)
        analyzer = registry.analyzer(options.detector, options.model)
    except (InvalidSetting, VisionError) as error:
        raise click.ClickException(str(error)) from error
    if options.crops:
        analyzer = analyzer.for_crops()
    paths = list(walk(photos))
    if not paths:
        raise click.ClickException("No photos were found there.")
    progress = tqdm(paths, unit="photo", file=sys.stderr, disable=None, leave=False)
    outcomes = Tally(analyze_photo(path, analyzer, options, settings) for path in progress)
    for line in FORMATS[output](outcomes):
        click.echo(line)
    if outcomes.failures:
        raise SystemExit(1)


class Tally:
    """Outcomes on their way to the output; failures are counted."""

    def __init__(self, outcomes: Iterable[Outcome]) -> None:
        self._outcomes = outcomes
        self.failures = 0

    def __iter__(self) -> Iterator[Outcome]:
        for outcome in self._outcomes:
            self.failures += isinstance(outcome.result, VisionError)
            yield outcome


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
        while path.exists():
            number += 1
            path = folder / f"{stem}-{number}.jpg"
        path.write_bytes(data)
    except OSError as error:
        raise Unwritable(f"The picture cannot be written: {error.strerror}.") from error


def _as_json(outcomes: Iterable[Outcome]) -> Iterator[str]:
    for path, result in _pairs(outcomes):
        if isinstance(result, VisionError):
            document = failure_as_json(path, result)
        else:
            document = analysis_as_json(path, result)
        yield json.dumps(document, ensure_ascii=False)


def _as_csv(outcomes: Iterable[Outcome]) -> Iterator[str]:
    return csv_lines(_successes(outcomes))


def _as_text(outcomes: Iterable[Outcome]) -> Iterator[str]:
    for path, analysis in _successes(outcomes):
        count = len(analysis.faces)
        faces = {0: "no faces", 1: "1 face"}.get(count, f"{count} faces")
        yield f"{path}  {analysis.width}×{analysis.height}  {faces}"
        yield from (_face_in_words(number, face) for number, face in enumerate(analysis.faces, 1))


def _face_in_words(number: int, face: Face) -> str:
    age = age_in_words(face.age)
    if is_certain(face.age):
        age += f" ({percentage(face.age.confidence)})"
    years = "" if face.age.years is None else f", about {face.age.years:.0f}"
    gender = f"{face.gender.label} ({percentage(face.gender.confidence)})"
    place = f"{face.box.width}×{face.box.height} at {face.box.x},{face.box.y}"
    return f"{number:>4}  {age}{years}; {gender}; {place}"


def _pairs(outcomes: Iterable[Outcome]) -> Iterator[tuple[str, Analysis | VisionError]]:
    """Results by path; bytes of a path that are no text become replacement characters."""
    return ((click.format_filename(outcome.path), outcome.result) for outcome in outcomes)


def _successes(outcomes: Iterable[Outcome]) -> Iterator[tuple[str, Analysis]]:
    """Pairs of path and analysis; a failure becomes a line on standard error."""
    for path, result in _pairs(outcomes):
        if isinstance(result, VisionError):
            click.echo(f"{path}: {result}", err=True)
        else:
            yield path, result


FORMATS = {"text": _as_text, "json": _as_json, "csv": _as_csv}

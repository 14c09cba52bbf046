"""``agelens compare``: the same photos through several detectors and networks, side by side."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import click
from tqdm import tqdm

from webapp.api import read_file
from webapp.assembly import build_registry
from webapp.commands.drawings import drawing_paths, write_drawing
from webapp.commands.photo_files import walk
from webapp.commands.streams import escaped, print_to_stderr
from webapp.evaluation.head_turn import with_poses
from webapp.evaluation.recall import DetectorScore, read_boxes, recall_tables, score_photo
from webapp.results.comparison import Comparison, Contender, compare
from webapp.results.comparison_picture import comparison_picture, heading, panels
from webapp.results.schema import comparison_document
from webapp.settings import Settings
from webapp.vision.decode import decode
from webapp.vision.detectors.base import Detector
from webapp.vision.errors import VisionError
from webapp.vision.models import ModelRegistry
from webapp.vision.photo import Photo
from webapp.vision.types import Face
from webapp.vision.words import age_in_words, detection_in_words, percentage


@dataclass(frozen=True)
class CompareOptions:
    """The options of one call."""

    detector: Sequence[str] = ()
    model: Sequence[str] = ()
    pictures: Path | None = None
    output: str = "text"


@click.command("compare")
@click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--detector", multiple=True, help="May be repeated; default: all.")
@click.option(
    "--model",
    multiple=True,
    help="A network, or age=NAME,gender=NAME; may be repeated; default: the default network.",
)
@click.option(
    "--pictures",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write one picture per comparison into this folder.",
)
@click.option(
    "--format", "output", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.option(
    "--boxes",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Faces labelled by people: measure recall, precision and time of each detector on them.",
)
def compare_command(photos: tuple[Path, ...], boxes: Path | None, **choices: object) -> None:
    """Show what each detector and network finds in the same PHOTOS.

    With --boxes CSV (columns path, x, y, w, h and, if known, invalid, occlusion and pose), PHOTOS
    is the one folder that the paths are relative to; the result is two tables.
    """
    options = CompareOptions(**choices)  # type: ignore[arg-type] # click has checked the types
    settings = Settings.from_environment()
    registry = build_registry(settings)
    detectors = options.detector or registry.usable_detectors
    if boxes is not None:
        click.echo(measure(boxes, photos[0], [registry.detector(d) for d in detectors], settings))
        return
    names = product(detectors, options.model or registry.models[:1])
    contenders = [Contender(*pair) for pair in names]
    if _compare_all(list(walk(photos)), registry, contenders, options, settings):
        raise SystemExit(1)


def measure(boxes: Path, folder: Path, detectors: Sequence[Detector], settings: Settings) -> str:
    """Every detector on every labelled photo, as tables. Each looks at a first photo unmeasured,
    because first calls are slower. Raises InvalidLabels and UnreadablePhoto or another VisionError.
    """
    labels = read_boxes(boxes)
    scores = [DetectorScore(detector.name) for detector in detectors]
    warm = False
    for path, faces in tqdm(labels.items(), unit="photo", file=sys.stderr, disable=None):
        try:
            photo = decode(read_file(folder / path, settings), settings.photo_limits)
        except VisionError as error:
            raise type(error)(f"{folder / path}: {error}") from error
        posed = with_poses(photo, faces)
        for score, detector in zip(scores, detectors, strict=True):
            if not warm:
                detector.detect(photo, settings.detection())
            score_photo(score, detector, photo, posed, settings.detection())
        warm = True
    return recall_tables(scores)


def _compare_all(
    paths: Sequence[Path],
    registry: ModelRegistry,
    contenders: Sequence[Contender],
    options: CompareOptions,
    settings: Settings,
) -> bool:
    """Compare the photos one by one and print each; whether one could not be read.

    Raises Unwritable if a picture cannot be written.
    """
    failed = False
    folder = options.pictures
    drawings = drawing_paths(paths, folder) if folder is not None else [None] * len(paths)
    for path, drawing in zip(paths, drawings, strict=True):
        name = click.format_filename(path)
        try:
            photo = decode(read_file(path, settings), settings.photo_limits)
        except VisionError as error:
            print_to_stderr(f"{name}: {error}")
            failed = True
            continue
        comparison = compare(photo, registry, contenders, settings.detection())
        if drawing is not None:
            write_drawing(drawing, comparison_picture(panels(photo, comparison)))
        if options.output == "json":
            click.echo(json.dumps(comparison_document(name, comparison), ensure_ascii=False))
        else:
            click.echo("\n".join(_in_words(name, photo, comparison)))
    return failed


def _in_words(name: str, photo: Photo, comparison: Comparison) -> Iterator[str]:
    yield f"{escaped(name)}  {photo.width}×{photo.height}"
    for analysis in comparison.analyses:
        yield f"  {heading(analysis, comparison)}"
    for number, face in enumerate(comparison.faces, start=1):
        box = face.box
        yield f"{number:>4}  {box.width}×{box.height} at {box.x},{box.y}"
        for analysis, answer in zip(comparison.analyses, face.answers, strict=True):
            yield f"        {analysis.detector:<7} {_answer_in_words(answer)}"


def _answer_in_words(face: Face | None) -> str:
    if face is None:
        return "–"
    sure = detection_in_words(face)
    gender = f"{face.gender.label} ({percentage(face.gender.confidence)})"
    return f"found, {sure} sure; {age_in_words(face.age)}; {gender}"

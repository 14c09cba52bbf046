"""Outcomes as lines of text, JSON or CSV."""

import json
from collections.abc import Iterable, Iterator

import click

from webapp.commands.photo_files import Outcome
from webapp.commands.streams import escaped, print_to_stderr
from webapp.results.columns import csv_lines
from webapp.results.schema import analysis_document, failure_document
from webapp.vision.errors import VisionError
from webapp.vision.types import Analysis, Face
from webapp.vision.words import (
    age_in_words,
    faces_in_words,
    interval_in_words,
    is_certain,
    percentage,
)


def _as_json(outcomes: Iterable[Outcome]) -> Iterator[str]:
    for path, result in _pairs(outcomes):
        if isinstance(result, VisionError):
            document = failure_document(path, result.code, str(result))
        else:
            document = analysis_document(path, result)
        yield json.dumps(document, ensure_ascii=False)


def _as_csv(outcomes: Iterable[Outcome]) -> Iterator[str]:
    return csv_lines(_successes(outcomes))


def _as_text(outcomes: Iterable[Outcome]) -> Iterator[str]:
    for path, analysis in _successes(outcomes):
        faces = faces_in_words(len(analysis.faces), analysis.faces_found)
        turned = f", turned clockwise by {90 * turns}°" if (turns := analysis.quarter_turns) else ""
        yield f"{escaped(path)}  {analysis.width}×{analysis.height}  {faces}{turned}"
        yield from (_face_in_words(number, face) for number, face in enumerate(analysis.faces, 1))


def _face_in_words(number: int, face: Face) -> str:
    age = age_in_words(face.age)
    if is_certain(face.age):
        age += f" ({percentage(face.age.confidence)})"
    years = "" if face.age.years is None else f", about {face.age.years:.0f}"
    interval = interval_in_words(face.age)
    if interval is not None:
        years += f", {interval} nine times in ten"
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
            print_to_stderr(f"{path}: {result}")
        else:
            yield path, result


FORMATS = {"text": _as_text, "json": _as_json, "csv": _as_csv}

"""Faces as rows of a table; a column has a name and a function that gives its value."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from webapp.results.schema import DIGITS
from webapp.vision.buckets import BUCKETS
from webapp.vision.types import Analysis, Bucket, Face


@dataclass(frozen=True)
class FaceOfPhoto:
    """One row: a face, and where it was found. Numbers count from 1."""

    photo: str
    number: int
    face: Face
    analysis: Analysis


@dataclass(frozen=True)
class Column:
    """One column: its head, and the value in a row; None is an empty cell."""

    name: str
    value: Callable[[FaceOfPhoto], str | float | None]


def _share_of(bucket: Bucket) -> Column:
    return Column(f"age_{bucket}", lambda row: row.face.age.distribution[bucket])


COLUMNS = (
    Column("photo", lambda row: row.photo),
    Column("face", lambda row: row.number),
    Column("x", lambda row: row.face.box.x),
    Column("y", lambda row: row.face.box.y),
    Column("width", lambda row: row.face.box.width),
    Column("height", lambda row: row.face.box.height),
    Column("detection_confidence", lambda row: row.face.detection_confidence),
    Column("age_bucket", lambda row: row.face.age.bucket),
    Column("age_confidence", lambda row: row.face.age.confidence),
    Column("years", lambda row: row.face.age.years and round(row.face.age.years, 1)),
    Column("years_from", lambda row: row.face.age.interval and row.face.age.interval[0]),
    Column("years_to", lambda row: row.face.age.interval and row.face.age.interval[1]),
    Column("gender", lambda row: row.face.gender.label),
    Column("gender_confidence", lambda row: row.face.gender.confidence),
    *map(_share_of, BUCKETS),
    Column("age_model", lambda row: row.analysis.models.age),
    Column("gender_model", lambda row: row.analysis.models.gender),
    Column("model_version", lambda row: row.analysis.model_version),
    Column("faces_found", lambda row: row.analysis.faces_found),
    Column("quarter_turns", lambda row: row.analysis.quarter_turns),
)
"""The columns of every CSV file."""


def csv_lines(photos: Iterable[tuple[str, Analysis]]) -> Iterator[str]:
    """A table line by line: a header and one row per face; photos are pairs of name and analysis.

    A name that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, "CSV
    Injection").
    """
    yield _csv_line(column.name for column in COLUMNS)
    for row in rows_of(photos):
        yield _csv_line(_cell(column.value(row)) for column in COLUMNS)


def rows_of(photos: Iterable[tuple[str, Analysis]]) -> Iterator[FaceOfPhoto]:
    """A row per face; photos are pairs of name and analysis."""
    for name, analysis in photos:
        for number, face in enumerate(analysis.faces, start=1):
            yield FaceOfPhoto(name, number, face, analysis)


def faces_as_csv(photos: Iterable[tuple[str, Analysis]]) -> str:
    """The same table as one text."""
    return "".join(f"{line}\n" for line in csv_lines(photos))


def _csv_line(cells: Iterable[object]) -> str:
    return ",".join(_quoted(str(cell)) for cell in cells)


# Where numbers have a decimal comma, spreadsheets take the semicolon for the separator: without
# quotes what follows one would be a cell, perhaps a formula, of its own.
_QUOTABLE = re.compile(r'[",;\r\n]')


def _quoted(cell: str) -> str:
    return '"{}"'.format(cell.replace('"', '""')) if _QUOTABLE.search(cell) else cell


# The full-width forms count, too: spreadsheets of East Asian systems take them for the plain ones.
_FORMULA = tuple("=+-@\t\r\n\0＝＋－＠")


def _cell(value: str | float | None) -> str | float:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return "" if value is None else round(value, DIGITS)

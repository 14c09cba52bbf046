"""A network's accuracy, from its card, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from babel.lists import format_list
from flask_babel import format_decimal, format_percent, gettext, lazy_gettext, ngettext
from flask_babel.speaklater import LazyString

from webapp.vision.buckets import BUCKETS
from webapp.vision.card import Kind, Measures, ModelCard
from webapp.vision.types import Analysis, Face
from webapp.web.languages import language
from webapp.web.wording import exact_percentage

Cards = Mapping[str, ModelCard]


@dataclass(frozen=True)
class MeasureColumn:
    """A measure: its key on a card, its heading in a table, and its English in a sentence."""

    key: str
    heading: str | LazyString
    words: str = ""


COLUMNS: Mapping[Kind, Sequence[MeasureColumn]] = {
    "network": (
        MeasureColumn("faces", lazy_gettext("Faces")),
        MeasureColumn(
            "age_error", lazy_gettext("Age error, years"), "age off by {:.1f} years on average"
        ),
        MeasureColumn("bucket_exact", lazy_gettext("Age group right"), "age group right {:.1%}"),
        MeasureColumn("bucket_within_one", lazy_gettext("… or the next"), "or the next {:.1%}"),
        MeasureColumn("gender", lazy_gettext("Gender right"), "gender right {:.1%}"),
        MeasureColumn(
            "interval", lazy_gettext("Age within its interval"), "age within its interval {:.1%}"
        ),
    ),
    "detector": (
        MeasureColumn("faces", lazy_gettext("Faces")),
        MeasureColumn("recall_20", lazy_gettext("Found, 20 pixels and more")),
        MeasureColumn(
            "recall_40", lazy_gettext("40 and more"), "finds {:.1%} of faces of 40 pixels and more"
        ),
        MeasureColumn("recall_80", lazy_gettext("80 and more")),
        MeasureColumn(
            "precision",
            lazy_gettext("Of what it finds, faces"),
            "{:.1%} of what it finds are faces",
        ),
    ),
}
"""The measures shown for detectors and networks."""
WEAK = 0.8
"""Age groups whose gender is right less often than this are listed as a weakness."""


@dataclass(frozen=True)
class AccuracyTable:
    """One table of the page: a heading and rows of a name and a cell for each column."""

    title: str
    rows: Sequence[tuple[str, Sequence[str]]]


def accuracy_line(face: Face, analysis: Analysis, cards: Cards) -> str | None:
    """How often the networks were right about people of the age that a face looks, rounded down.

    None if the cards say nothing about it.
    """
    bucket = face.age.bucket
    age = _measured(cards, analysis.models.age, bucket).get("bucket_exact")
    gender = _measured(cards, analysis.models.gender, bucket).get("gender")
    parts = []
    if age is not None:
        parts.append(gettext("the age group right %(times)s times in 10", times=int(10 * age)))
    if gender is not None:
        parts.append(gettext("the gender right %(times)s times in 10", times=int(10 * gender)))
    if not parts:
        return None
    answers = format_list(parts, locale=language())
    return ngettext(
        "For people aged %(bucket)s, this network got %(answers)s when tested.",
        "For people aged %(bucket)s, these networks got %(answers)s when tested.",
        1 if analysis.models.age == analysis.models.gender else 2,
        bucket=bucket,
        answers=answers,
    )


def accuracy_lines(analysis: Analysis, cards: Cards) -> list[str]:
    """``accuracy_line`` for every age group in an analysis, once each, youngest first."""
    faces = sorted(analysis.faces, key=lambda face: BUCKETS.index(face.age.bucket))
    lines = (accuracy_line(face, analysis, cards) for face in faces)
    return list(dict.fromkeys(filter(None, lines)))


def summary(card: ModelCard) -> str:
    """The measures over all faces in one line, with the data they were measured on."""
    overall = card.accuracy.overall
    figures = [
        column.words.format(overall[column.key])
        for column in COLUMNS[card.kind]
        if column.words and column.key in overall
    ]
    if not figures:
        return "not measured"
    return f"{', '.join(figures)} ({card.accuracy.data or 'data not named'})"


def tables(card: ModelCard) -> list[AccuracyTable]:
    """Everything that was measured of a detector or network, table by table."""
    accuracy = card.accuracy
    groups = {
        gettext("All"): {gettext("All faces"): accuracy.overall} if accuracy.overall else {},
        gettext("By test set"): accuracy.by_set,
        gettext("By age"): accuracy.by_bucket,
        gettext("By gender and group"): accuracy.by_group,
        gettext("By face size"): accuracy.by_size,
        gettext("By kind of photo"): accuracy.by_scenario,
    }
    return [
        AccuracyTable(title, [(name, _cells(card, one)) for name, one in measured.items()])
        for title, measured in groups.items()
        if measured
    ]


def weaknesses(card: ModelCard) -> list[str]:
    """Sentences about the ages at which a network's genders are little more than guesses."""
    return [
        gettext(
            "Of people aged %(bucket)s it got %(percentage)s of the genders right.",
            bucket=bucket,
            percentage=format_percent(measures["gender"]),
        )
        for bucket, measures in card.accuracy.by_bucket.items()
        if measures.get("gender", 1.0) < WEAK
    ]


def _measured(cards: Cards, name: str, bucket: str) -> Measures:
    return cards[name].accuracy.by_bucket.get(bucket, {}) if name in cards else {}


def _cells(card: ModelCard, measures: Measures) -> list[str]:
    return [_cell(column.key, measures.get(column.key)) for column in COLUMNS[card.kind]]


def _cell(key: str, value: float | None) -> str:
    if value is None:
        return "–"
    if key == "faces":
        return format_decimal(round(value))
    return format_decimal(value, "0.0") if key == "age_error" else exact_percentage(value)

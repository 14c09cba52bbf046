"""How right a network is, from its card, in words for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from webapp.vision.card import Kind, ModelCard
from webapp.vision.types import Analysis, Face

Cards = Mapping[str, ModelCard]

COLUMNS: Mapping[Kind, Sequence[tuple[str, str]]] = {
    "network": (
        ("faces", "Faces"),
        ("age_error", "Age error, years"),
        ("bucket_exact", "Age group right"),
        ("bucket_within_one", "… or the next"),
        ("gender", "Gender right"),
    ),
    "detector": (
        ("faces", "Faces"),
        ("recall_20", "Found, 20 pixels and more"),
        ("recall_40", "40 and more"),
        ("recall_80", "80 and more"),
        ("precision", "Of what it finds, faces"),
    ),
}
"""Keys of a card's accuracy tables and their headings."""
TABLES = (
    ("by_set", "By test set"),
    ("by_bucket", "By age"),
    ("by_group", "By gender and group"),
    ("by_scenario", "By kind of photo"),
)
WEAK = 0.8
"""A gender that is right less often than this is named as a weakness."""


@dataclass(frozen=True)
class AccuracyTable:
    """One table of the page: a heading and rows of a name and a cell for each column."""

    title: str
    rows: Sequence[tuple[str, Sequence[str]]]


def honest_line(face: Face, analysis: Analysis, cards: Cards) -> str | None:
    """How often the networks were right about people of the age that a face looks, rounded down.

    None where the cards tell nothing of it.
    """
    bucket = face.age.bucket
    parts = []
    for task, name, key in (
        ("the age group", analysis.models.age, "bucket_exact"),
        ("the gender", analysis.models.gender, "gender"),
    ):
        share = _measured(cards, name, bucket).get(key)
        if share is not None:
            parts.append(f"{task} right {int(10 * share)} times in 10")
    if not parts:
        return None
    return f"For people aged {bucket}, this network got {' and '.join(parts)} when tested."


def tables(card: ModelCard) -> list[AccuracyTable]:
    """Everything that was measured of a detector or network, table by table."""
    overall = card.accuracy.get("overall")
    found = [AccuracyTable("All", [("All faces", _cells(card, overall))])] if overall else []
    for key, title in TABLES:
        groups = card.accuracy.get(key, {})
        if groups:
            rows = [(name, _cells(card, measures)) for name, measures in groups.items()]
            found.append(AccuracyTable(title, rows))
    return found


def weaknesses(card: ModelCard) -> list[str]:
    """The ages at which a network's genders are little more than guesses, as sentences."""
    ages = card.accuracy.get("by_bucket", {})
    return [
        f"Of people aged {bucket} it got {round(100 * measures['gender'])} % of the genders right."
        for bucket, measures in ages.items()
        if measures.get("gender", 1.0) < WEAK
    ]


def _measured(cards: Cards, name: str, bucket: str) -> Mapping[str, float]:
    card = cards.get(name)
    ages: Mapping[str, Mapping[str, float]] = card.accuracy.get("by_bucket", {}) if card else {}
    return ages.get(bucket, {})


def _cells(card: ModelCard, measures: Mapping[str, float]) -> list[str]:
    return [_cell(key, measures.get(key)) for key, _ in COLUMNS[card.kind]]


def _cell(key: str, value: float | None) -> str:
    if value is None:
        return "–"
    if key == "faces":
        return f"{value:,.0f}"
    return f"{value:.1f}" if key == "age_error" else f"{100 * value:.1f} %"

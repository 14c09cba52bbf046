"""The page of all networks and detectors, with their cards and measured accuracy."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template

from webapp.services import services
from webapp.vision.card import ModelCard
from webapp.vision.errors import ModelFileMissing
from webapp.web.accuracy import COLUMNS, AccuracyTable, tables, weaknesses

networks = Blueprint("networks", __name__)


@dataclass(frozen=True)
class NetworkCard:
    """A network or detector as the page shows it."""

    card: ModelCard
    tables: Sequence[AccuracyTable]
    weaknesses: Sequence[str]
    # The error about its missing file, or None.
    missing: ModelFileMissing | None


@networks.get("/models")
def index() -> str:
    registry = services().registry
    cards = [registry.cards[name] for name in (*registry.models, *registry.detectors)]
    shown = [
        NetworkCard(card, tables(card), weaknesses(card), registry.missing(card.name))
        for card in cards
    ]
    return render_template("models.html", networks=shown, columns=COLUMNS)

"""The page of all networks and detectors, with their cards and measured accuracy."""

from flask import Blueprint, render_template

from webapp.services import services
from webapp.web.accuracy import COLUMNS, tables, weaknesses

networks = Blueprint("networks", __name__)


@networks.get("/models")
def index() -> str:
    registry = services().registry
    return render_template(
        "models.html",
        cards=[registry.cards[name] for name in (*registry.models, *registry.detectors)],
        tables=tables,
        weaknesses=weaknesses,
        columns=COLUMNS,
    )

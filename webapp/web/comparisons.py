"""The pages of the comparison: one photo, several detectors and networks, side by side."""

from itertools import product

from flask import Blueprint, Request, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.results.comparison import Contender
from webapp.results.comparison_picture import (
    SIDE_BY_SIDE,
    SMALL_PANEL_WIDTH,
    panel_name,
    panel_size,
    small_panel_name,
)
from webapp.results.schema import ComparisonRecord, comparison_document
from webapp.results.store.stored_result import StoredResult
from webapp.results.upload import stem
from webapp.services import services
from webapp.vision.models import ModelRegistry
from webapp.web.current_user import current_owner
from webapp.web.errors import InvalidOption, Problem
from webapp.web.file_responses import NUMBER, file_response, json_response
from webapp.web.marks import costly, form
from webapp.web.stored_analysis import COMPARISON
from webapp.web.uploads import LONGEST_CHOICE, PHOTO, refuse_unknown_fields, upload_of

comparisons = Blueprint("comparisons", __name__)

MOST_CONTENDERS = 12


def _open(result_id: str) -> tuple[StoredResult, ComparisonRecord]:
    stored = services().photos.results.open(result_id, current_owner())
    return stored, ComparisonRecord.from_json(stored.read(COMPARISON))


def compare_page(problem: Problem | None = None) -> str:
    """The page for choosing a photo, detectors and networks, with the last error, if any."""
    return render_template("compare.html", problem=problem)


@comparisons.get("/compare")
def choose() -> str:
    return compare_page()


@comparisons.post("/compare")
@costly
@form(compare_page)
def create() -> ResponseReturnValue:
    upload, contenders = upload_of(request), contenders_of(request, services().registry)
    result_id = services().photos.compare_and_store(upload, contenders, current_owner())
    return redirect(url_for("comparisons.show", result_id=result_id), 303)


@comparisons.get("/compare/<result_id>")
def show(result_id: str) -> str:
    stored, record = _open(result_id)
    return render_template(
        "comparison.html",
        id=result_id,
        name=record.name,
        expires=stored.expires,
        comparison=record.comparison,
        sizes=[panel_size(analysis) for analysis in record.comparison.analyses],
        small_width=SMALL_PANEL_WIDTH,
    )


@comparisons.get(f"/compare/<result_id>/panel-<{NUMBER}:number>-small.webp")
def small_panel(result_id: str, number: int) -> Response:
    stored = services().photos.results.open(result_id, current_owner())
    return file_response(stored.read(small_panel_name(number)), "image/webp")


@comparisons.get(f"/compare/<result_id>/panel-<{NUMBER}:number>.webp")
def panel(result_id: str, number: int) -> Response:
    stored = services().photos.results.open(result_id, current_owner())
    return file_response(stored.read(panel_name(number)), "image/webp")


@comparisons.get("/compare/<result_id>/comparison.jpg")
def picture(result_id: str) -> Response:
    stored, record = _open(result_id)
    name = f"{stem(record.name)}-compared.jpg"
    return file_response(stored.read(SIDE_BY_SIDE), "image/jpeg", name)


@comparisons.get("/compare/<result_id>/comparison.json")
def as_json(result_id: str) -> Response:
    _, record = _open(result_id)
    document = comparison_document(record.name, record.comparison)
    return json_response(document, f"{stem(record.name)}-compared.json")


def contenders_of(incoming: Request, registry: ModelRegistry) -> list[Contender]:
    """The detectors and networks that a form names; none named means every detector and the
    default network. Raises InvalidOption.
    """
    lists = ("detector", "model")
    refuse_unknown_fields(incoming, (PHOTO, *lists), repeatable=lists)
    detectors = incoming.form.getlist("detector") or list(registry.usable_detectors)
    models = incoming.form.getlist("model") or [registry.models[0]]
    pairs = dict.fromkeys(
        (detector[:LONGEST_CHOICE], model[:LONGEST_CHOICE])
        for detector, model in product(detectors, models)
    )
    if len(pairs) > MOST_CONTENDERS:
        raise InvalidOption("Choose at most %(most)s combinations at a time.", most=MOST_CONTENDERS)
    return [Contender(*pair) for pair in pairs]

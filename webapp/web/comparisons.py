"""The pages of the comparison: one photo, several detectors and networks, side by side."""

from dataclasses import dataclass
from itertools import product

from flask import (
    Blueprint,
    Request,
    Response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal, gettext

from webapp.results.comparison import Comparison, Contender
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
from webapp.vision.types import Face
from webapp.web.current_user import current_owner
from webapp.web.downloads import NUMBER, file_response, json_response
from webapp.web.errors import InvalidOption, Problem
from webapp.web.marks import costly, form
from webapp.web.stored_analysis import COMPARISON
from webapp.web.uploads import PHOTO, refuse_unknown_fields, upload_of
from webapp.web.wording import (
    age_in_words,
    detection_in_words,
    faces_in_words,
    gender_in_words,
    percentage,
)

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
        columns=columns_of(record.comparison),
        small_width=SMALL_PANEL_WIDTH,
        rows=rows_of(record.comparison),
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
    pairs = dict.fromkeys(product(detectors, models))
    if len(pairs) > MOST_CONTENDERS:
        raise InvalidOption("Choose at most %(most)s combinations at a time.", most=MOST_CONTENDERS)
    return [Contender(*pair) for pair in pairs]


@dataclass(frozen=True)
class ContenderColumn:
    """One contender as the page shows it."""

    detector: str
    model: str
    faces: str
    # Faces that no other detector found.
    alone: int
    milliseconds: str
    # Width and height of its picture, in pixels.
    size: tuple[int, int]


@dataclass(frozen=True)
class Cell:
    """A contender's answer for one face."""

    confidence: str
    age: str
    gender: str


@dataclass(frozen=True)
class Row:
    """One face of the photo, with a cell or None for each contender."""

    number: int
    place: str
    cells: tuple[Cell | None, ...]


def columns_of(comparison: Comparison) -> list[ContenderColumn]:
    """The columns of the table."""
    return [
        ContenderColumn(
            detector=analysis.detector,
            model=analysis.model,
            faces=faces_in_words(len(analysis.faces), analysis.faces_found),
            alone=len(comparison.only_found_by(analysis.detector)),
            milliseconds=format_decimal(round(analysis.timings_ms["detect"])),
            size=panel_size(analysis),
        )
        for analysis in comparison.analyses
    ]


def rows_of(comparison: Comparison) -> list[Row]:
    """The rows of the table."""
    return [
        Row(
            number=number,
            place=gettext(
                "%(width)s × %(height)s at %(x)s, %(y)s",
                width=face.box.width,
                height=face.box.height,
                x=face.box.x,
                y=face.box.y,
            ),
            cells=tuple(None if answer is None else _cell(answer) for answer in face.answers),
        )
        for number, face in enumerate(comparison.faces, start=1)
    ]


def _cell(face: Face) -> Cell:
    gender = f"{gender_in_words(face)} {percentage(face.gender.confidence)}"
    return Cell(detection_in_words(face), age_in_words(face.age), gender)

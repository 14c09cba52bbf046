"""The pages: upload, result, and what can be downloaded from it."""

from __future__ import annotations

import json

from flask import (
    Blueprint,
    Response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from webapp.services import services
from webapp.web import wording
from webapp.web.downloads import file_response
from webapp.web.errors import Problem
from webapp.web.marks import costly, form
from webapp.web.present import analysis_as_json, faces_as_csv
from webapp.web.service import DISPLAY, JPEG, PNG, Kept, crop_name, gender_crop_name
from webapp.web.uploads import choices_of, stem, upload_of
from webapp.web.visitor import visitor

pages = Blueprint("pages", __name__)

# What "accept less certain faces" means on the page of a photo without faces, step by step.
LOWER_THRESHOLDS = (0.3, 0.1)


def upload_page(problem: Problem | None = None) -> str:
    """The upload page, with what was wrong with the last upload."""
    return render_template("upload.html", problem=problem)


@pages.get("/")
def upload() -> str:
    return upload_page()


@pages.post("/analyses")
@costly
@form(upload_page)
def create() -> ResponseReturnValue:
    result_id = services().photos.keep(upload_of(request), choices_of(request), visitor())
    return redirect(url_for("pages.result", result_id=result_id), 303)


@pages.get("/analyses/<result_id>")
def result(result_id: str) -> str:
    kept = services().photos.open(result_id, visitor())
    page = "result.html" if kept.analysis.faces else "no_faces.html"
    return render_template(
        page,
        id=result_id,
        record=kept.record,
        analysis=kept.analysis,
        expires=kept.stored.expires,
        rows=wording.face_rows(kept.analysis, services().registry.cards),
        other_detectors=[
            name for name in services().registry.detectors if name != kept.analysis.detector
        ],
        lower_threshold=_lower(kept.record.choices.threshold),
    )


@pages.post("/analyses/<result_id>/again")
@costly
def again(result_id: str) -> ResponseReturnValue:
    kept = services().photos.open(result_id, visitor())
    choices = choices_of(request, kept.record.choices)
    new_id = services().photos.keep_again(kept, choices, visitor())
    return redirect(url_for("pages.result", result_id=new_id), 303)


@pages.post("/analyses/<result_id>/delete")
def delete(result_id: str) -> ResponseReturnValue:
    services().photos.results.delete(result_id, visitor())
    return redirect(url_for("pages.deleted"), 303)


@pages.get("/deleted")
def deleted() -> str:
    return render_template("deleted.html")


@pages.get("/analyses/<result_id>/photo.jpg")
def photo(result_id: str) -> Response:
    return file_response(
        services().photos.results.open(result_id, visitor()).read(DISPLAY), "image/jpeg"
    )


@pages.get("/analyses/<result_id>/faces/<int(min=1, max=999999):number>.jpg")
def face(result_id: str, number: int) -> Response:
    stored = services().photos.results.open(result_id, visitor())
    return file_response(stored.read(crop_name(number)), "image/jpeg")


@pages.get("/analyses/<result_id>/faces/<int:number>-gender.jpg")
def gender_face(result_id: str, number: int) -> Response:
    stored = services().photos.results.open(result_id, visitor())
    return file_response(stored.read(gender_crop_name(number)), "image/jpeg")


@pages.get(f'/analyses/<result_id>/annotated.<any("{JPEG}", "{PNG}"):extension>')
def annotated(result_id: str, extension: str) -> Response:
    kept = services().photos.open(result_id, visitor())
    picture = services().photos.annotated(kept, extension)
    kind = "image/jpeg" if extension == JPEG else "image/png"
    return file_response(picture, kind, _download_name(kept, extension))


@pages.get("/analyses/<result_id>/analysis.json")
def as_json(result_id: str) -> Response:
    kept = services().photos.open(result_id, visitor())
    document = json.dumps(analysis_as_json(kept.record.name, kept.analysis), ensure_ascii=False)
    return file_response(document.encode(), "application/json", _download_name(kept, "json"))


@pages.get("/analyses/<result_id>/faces.csv")
def as_csv(result_id: str) -> Response:
    kept = services().photos.open(result_id, visitor())
    table = faces_as_csv([(kept.record.name, kept.analysis)])
    return file_response(table.encode(), "text/csv; charset=utf-8", _download_name(kept, "csv"))


def _download_name(kept: Kept, extension: str) -> str:
    return f"{stem(kept.record.name)}-agelens.{extension}"


def _lower(threshold: float | None) -> float | None:
    """The next lower threshold worth trying, or None at the end of the steps."""
    return next((step for step in LOWER_THRESHOLDS if threshold is None or step < threshold), None)

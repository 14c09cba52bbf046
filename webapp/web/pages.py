"""The pages: upload, result, and its downloads."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.albums.album import PhotoId
from webapp.results.columns import faces_as_csv
from webapp.results.runs import FIRST
from webapp.results.schema import analysis_document
from webapp.results.upload import Upload, stem
from webapp.services import services
from webapp.vision.detectors.base import DetectionSettings
from webapp.vision.drawings import STYLES, Style
from webapp.web.accuracy import accuracy_lines
from webapp.web.corrections import SMALLEST_BOX, Correction
from webapp.web.current_user import current_owner
from webapp.web.errors import Problem
from webapp.web.examples import EXAMPLES, example_upload
from webapp.web.face_rows import face_rows
from webapp.web.file_responses import NUMBER, file_response, json_response
from webapp.web.marks import costly, form
from webapp.web.photo_service import JPEG, PNG
from webapp.web.stored_analysis import SMALL_WIDTH, StoredAnalysis, gender_name
from webapp.web.uploads import choices_of, upload_of

pages = Blueprint("pages", __name__)

LOWEST_THRESHOLD = 0.2
"""What "very uncertain" faces are accepted from, with every detector."""


OpenedView = Callable[..., ResponseReturnValue]
"""A view whose first argument is a stored analysis of the current user."""


def upload_page(problem: Problem | None = None) -> str:
    """The upload page, with the last error, if any."""
    return render_template("upload.html", problem=problem, examples=EXAMPLES)


def each_run(
    rule: str, method: str = "GET", blueprint: Blueprint = pages
) -> Callable[[OpenedView], OpenedView]:
    """Route a view of a stored analysis, which it gets opened if it is the current user's: of an
    upload's first analysis, and of each repeat under its own address.
    """
    upload = "/analyses/<result_id>"
    repeat = f"{upload}/runs/<int(min={FIRST + 1}, max=999999):run>"

    def decorate(view: OpenedView) -> OpenedView:
        @wraps(view)
        def opened(result_id: str, run: int, **arguments: Any) -> ResponseReturnValue:
            return view(services().photos.open(result_id, run, current_owner()), **arguments)

        first = {"run": FIRST}
        blueprint.add_url_rule(upload + rule, view_func=opened, methods=[method], defaults=first)
        blueprint.add_url_rule(repeat + rule, view_func=opened, methods=[method])
        return opened

    return decorate


@pages.get("/")
def upload() -> str:
    return upload_page()


@pages.post("/analyses")
@costly
@form(upload_page)
def create() -> ResponseReturnValue:
    return _to_result_of(upload_of(request))


@pages.post("/analyses/examples/<name>")
@costly
@form(upload_page)
def create_example(name: str) -> ResponseReturnValue:
    if name not in EXAMPLES:
        abort(404)
    return _to_result_of(example_upload(name))


def _to_result_of(upload: Upload) -> ResponseReturnValue:
    choices = choices_of(request)
    result_id = services().photos.analyze_and_store(upload, choices, current_owner())
    return redirect(url_for("pages.result", result_id=result_id, run=FIRST), 303)


@each_run("")
def result(one: StoredAnalysis) -> str:
    registry = services().registry
    detector = registry.cards.get(one.analysis.detector)
    lower = DetectionSettings.of(detector).lower_threshold if detector else LOWEST_THRESHOLD
    thresholds = (lower, LOWEST_THRESHOLD)
    scale = services().settings.display_long_side / max(one.analysis.width, one.analysis.height)
    return render_template(
        "result.html" if one.analysis.faces else "no_faces.html",
        id=one.id,
        run=one.run,
        runs=one.runs(),
        record=one.record,
        analysis=one.analysis,
        expires=one.stored.expires,
        album_photo=PhotoId.of(one.id),
        rows=face_rows(one.analysis),
        styles=STYLES,
        display_width=round(one.analysis.width * min(1, scale)),
        small_width=SMALL_WIDTH,
        accuracy_lines=accuracy_lines(one.analysis, registry.cards),
        other_detectors=[
            name for name in registry.usable_detectors if name != one.analysis.detector
        ],
        thresholds=thresholds,
        smallest_box=SMALLEST_BOX,
        version=one.version,
        lower_threshold=_lower(one.record.choices.threshold, thresholds),
    )


@each_run("/again", "POST")
@costly
def again(one: StoredAnalysis) -> ResponseReturnValue:
    # The turn that was found stays; the one asked for now is added.
    before = replace(one.record.choices, quarter_turns=one.analysis.quarter_turns)
    new_run = services().photos.reanalyze(one, choices_of(request, before))
    return redirect(url_for("pages.result", result_id=one.id, run=new_run), 303)


@each_run("/faces", "POST")
@costly
def correct(one: StoredAnalysis) -> ResponseReturnValue:
    """Take a face that a person adds, moves or removes."""
    new_run = services().photos.correct(one, Correction.of(request))
    return redirect(url_for("pages.result", result_id=one.id, run=new_run), 303)


@pages.post("/analyses/<result_id>/delete")
def delete(result_id: str) -> ResponseReturnValue:
    services().photos.results.delete(result_id, current_owner())
    return redirect(url_for("pages.deleted"), 303)


@pages.get("/deleted")
def deleted() -> str:
    return render_template("deleted.html", many=False)


@each_run("/photo.jpg")
def photo(one: StoredAnalysis) -> Response:
    return _picture(one, one.display_name)


@each_run("/photo-small.webp")
def small_photo(one: StoredAnalysis) -> Response:
    return file_response(one.small_photo(), "image/webp")


@each_run(f"/faces/<{NUMBER}:number>.jpg")
def face(one: StoredAnalysis, number: int) -> Response:
    return _picture(one, one.crop_name(number))


@each_run(f"/faces/<{NUMBER}:number>-gender.jpg")
def gender_face(one: StoredAnalysis, number: int) -> Response:
    return _picture(one, gender_name(one.crop_name(number)))


@each_run("/crops.webp")
def crop_sheet(one: StoredAnalysis) -> Response:
    return file_response(one.crop_sheet(), "image/webp")


@each_run(f'/<any({", ".join(STYLES)}):style>.<any("{JPEG}", "{PNG}"):extension>')
@costly
def drawing(one: StoredAnalysis, style: Style, extension: str) -> Response:
    picture = services().photos.drawing(one, style, extension)
    kind = "image/jpeg" if extension == JPEG else "image/png"
    addition = "" if style == "annotated" else f"-{style}"
    return file_response(picture, kind, _download_name(one, extension, addition))


@each_run("/analysis.json")
def as_json(one: StoredAnalysis) -> Response:
    document = analysis_document(one.record.name, one.analysis)
    return json_response(document, _download_name(one, "json"))


@each_run("/faces.csv")
def as_csv(one: StoredAnalysis) -> Response:
    table = faces_as_csv([(one.record.name, one.analysis)])
    return file_response(table.encode(), "text/csv", _download_name(one, "csv"))


def _picture(one: StoredAnalysis, name: str) -> Response:
    return file_response(one.stored.read(name), "image/jpeg")


def _download_name(one: StoredAnalysis, extension: str, addition: str = "") -> str:
    repeat = "" if one.run == FIRST else f"-{one.run}"
    return f"{stem(one.record.name)}-agelens{repeat}{addition}.{extension}"


def _lower(threshold: float | None, steps: Sequence[float]) -> float | None:
    """The next lower threshold worth trying, or None at the end of the steps."""
    return next((step for step in steps if threshold is None or step < threshold), None)

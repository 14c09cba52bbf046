"""Which parts of a face's crop the answers depend on: a page and its two pictures."""

from flask import Blueprint, Response, render_template

from webapp.services import services
from webapp.vision.occlusion import heat_map
from webapp.vision.photo import encode_jpeg, own_pixels
from webapp.web.file_responses import NUMBER, file_response
from webapp.web.marks import costly
from webapp.web.pages import each_run
from webapp.web.stored_analysis import StoredAnalysis

explanations = Blueprint("explanations", __name__)


@each_run(f"/faces/<{NUMBER}:number>/why", blueprint=explanations)
@costly
def why(one: StoredAnalysis, number: int) -> str:
    return render_template(
        "why.html",
        id=one.id,
        run=one.run,
        number=number,
        record=one.record,
        version=one.version,
        explanation=services().photos.explain(one, number),
    )


@each_run(f"/faces/<{NUMBER}:number>/why-<any(age, gender):task>.jpg", blueprint=explanations)
@costly
def heat(one: StoredAnalysis, number: int, task: str) -> Response:
    """The heat map over the crop; over the gender network's own crop, if it has one."""
    found = services().photos.explain(one, number)
    age_crop, gender_crop = one.crops_of(number)
    crop, answer = (age_crop, found.age) if task == "age" else (gender_crop, found.gender)
    return file_response(encode_jpeg(heat_map(own_pixels(crop), answer)), "image/jpeg")

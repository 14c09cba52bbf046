"""The camera: a page with a live picture, and the request it sends for each frame."""

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue

from webapp.results.schema import analysis_document
from webapp.services import services
from webapp.web.marks import live
from webapp.web.security import CAMERA_ONLY
from webapp.web.uploads import PHOTO, refuse_unknown_fields, upload_of

camera = Blueprint("camera", __name__, url_prefix="/camera")


@camera.get("")
def show() -> Response:
    page = make_response(render_template("camera.html"))
    page.headers["Permissions-Policy"] = CAMERA_ONLY  # no other page may use it
    return page


@camera.post("/frames")
@live
def frame() -> ResponseReturnValue:
    """The result for one frame, as in the API; nothing is stored."""
    refuse_unknown_fields(request, (PHOTO,))
    picture = upload_of(request)
    return jsonify(analysis_document(picture.name, services().photos.analyze_frame(picture.data)))

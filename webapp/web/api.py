"""The API for single photos: a photo in, JSON out, nothing stored."""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from webapp.results.schema import analysis_document
from webapp.services import services
from webapp.web.marks import costly
from webapp.web.uploads import choices_of, upload_of

api = Blueprint("api", __name__, url_prefix="/api/v1")


@api.post("/analyses")
@costly
def analyze() -> ResponseReturnValue:
    photo = upload_of(request)
    analysis = services().photos.analyze(photo, choices_of(request))
    return jsonify(analysis_document(photo.name, analysis))

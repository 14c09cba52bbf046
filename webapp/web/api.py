"""The API for programs: a photo in, the JSON of the house out, nothing kept."""

from __future__ import annotations

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from webapp.web.present import analysis_as_json
from webapp.web.uploads import choices_of, upload_of

api = Blueprint("api", __name__, url_prefix="/api/v1")


@api.post("/analyses")
def analyze() -> ResponseReturnValue:
    photo = upload_of(request)
    analysis = current_app.extensions["agelens"].analyze(photo, choices_of(request))
    return jsonify(analysis_as_json(photo.name, analysis))

"""Health checks: alive and ready."""

import os
from pathlib import Path

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from webapp.services import services
from webapp.web.marks import public

DRAINING_MARK = "AGELENS_DRAINING_MARK"
"""The variable that names a file; while it exists, the server is about to stop."""

health = Blueprint("health", __name__)


@health.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    return jsonify(status="ok")


@health.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    if _is_draining():
        return jsonify(status="draining"), 503
    if services().photos.ready:
        return jsonify(status="ready")
    return jsonify(status="starting"), 503


def _is_draining() -> bool:
    mark = os.environ.get(DRAINING_MARK)
    return mark is not None and Path(mark).exists()

"""Alive and ready, for whoever supervises the process."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue

DRAINING_MARK = "AGELENS_DRAINING_MARK"
"""The variable that names a file; while it exists, the server is about to stop."""

health = Blueprint("health", __name__)


@health.get("/healthz")
def alive() -> ResponseReturnValue:
    return jsonify(status="ok")


@health.get("/readyz")
def ready() -> ResponseReturnValue:
    if _is_draining():
        return jsonify(status="draining"), 503
    if current_app.extensions["agelens"].ready:
        return jsonify(status="ready")
    return jsonify(status="starting"), 503


def _is_draining() -> bool:
    mark = os.environ.get(DRAINING_MARK)
    return mark is not None and Path(mark).exists()

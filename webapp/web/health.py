"""Alive and ready, for whoever supervises the process."""

from __future__ import annotations

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue

health = Blueprint("health", __name__)


@health.get("/healthz")
def alive() -> ResponseReturnValue:
    return jsonify(status="ok")


@health.get("/readyz")
def ready() -> ResponseReturnValue:
    if current_app.extensions["agelens"].ready:
        return jsonify(status="ready")
    return jsonify(status="starting"), 503

"""The OpenAPI document, and its route."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import metadata

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from webapp.settings import Settings
from webapp.vision.models import ModelRegistry
from webapp.web.errors import problem_of_status
from webapp.web.openapi.parts import (
    SECURITY,
    JsonObject,
    Operations,
    Paths,
    answer,
    problems,
    strict,
)
from webapp.web.openapi.photos import SCHEMAS

OWN_PATHS: Paths = {
    "/api/openapi.json": {
        "get": {
            "operationId": "showDocument",
            "summary": "This document.",
            "responses": {
                "200": answer("OpenAPI 3.1.", {"type": "object", "required": ["openapi"]}),
                **problems(),
            },
        }
    },
    "/healthz": {
        "get": {
            "operationId": "alive",
            "summary": "Whether the server is running.",
            "responses": {"200": answer("It is.", strict({"status": {"const": "ok"}}))},
            "security": [],
        }
    },
    "/readyz": {
        "get": {
            "operationId": "ready",
            "summary": "Whether the networks are loaded.",
            "responses": {
                "200": answer("They are.", strict({"status": {"const": "ready"}})),
                "503": answer(
                    "Not yet, or the server is shutting down.",
                    strict({"status": {"enum": ["starting", "draining"]}}),
                ),
            },
            "security": [],
        }
    },
}


def document_blueprint(
    settings: Settings, registry: ModelRegistry, operations: Sequence[Operations]
) -> Blueprint:
    """Serves the document of these operations at ``/api/openapi.json``.

    It is made anew for every request, to include networks installed in the meantime.
    """
    blueprint = Blueprint("openapi", __name__)

    @blueprint.get("/api/openapi.json")
    def show() -> ResponseReturnValue:
        described: dict[str, JsonObject] = {}
        for of in operations:
            described.update(of(settings, registry))
        whole = document(described, asks_for_token=settings.users is not None)
        return jsonify(whole | {"servers": [{"url": request.script_root or "/"}]})

    return blueprint


def document(paths: Paths, asks_for_token: bool = False) -> JsonObject:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "agelens",
            "version": metadata.version("agelens"),
            "summary": "Every face in a photo, with age group, gender and calibrated confidences.",
            "description": (
                "Every error is a JSON object with a stable code and one sentence. An address "
                f"that does not exist is a 404 (`{problem_of_status(404).code}`), a method that "
                f"it does not answer a 405 (`{problem_of_status(405).code}`)."
            ),
        },
        "paths": {**OWN_PATHS, **paths},
        "components": {"schemas": SCHEMAS, "securitySchemes": SECURITY},
        "security": [{name: []} for name in SECURITY] if asks_for_token else [],
    }

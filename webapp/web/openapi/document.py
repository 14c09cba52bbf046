"""The OpenAPI document, and its route."""

from collections.abc import Sequence
from importlib import metadata

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from webapp.services import services
from webapp.web.errors import problem_of_status
from webapp.web.openapi import problems
from webapp.web.openapi.parts import JsonObject, Operations, Paths, answer, strict

SECURITY: JsonObject = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "Created by `agelens token create`.",
    }
}
"""Security schemes by name; where the server has users, every operation needs one of them."""

TAGS = {
    "photos": "One photo in, its faces out; nothing is kept.",
    "albums": "Many photos, analysed one after another.",
    "server": "What this server is and how it is.",
}

_NOT_HTTP: JsonObject = {
    "400": {
        "description": "No answer: the request is no HTTP, or for a host that is not served here.",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    }
}

OWN_PATHS: Paths = {
    "/api/openapi.json": {
        "get": {
            "operationId": "get_openapi_document",
            "tags": ["server"],
            "summary": "This document.",
            "description": "Made anew each time, with the limits and networks of this server.",
            "responses": {
                "200": answer(
                    "OpenAPI 3.1.",
                    {
                        "type": "object",
                        "required": ["openapi"],
                        "properties": {"openapi": {"type": "string"}},
                    },
                ),
                **problems.problems(),
            },
        }
    },
    "/healthz": {
        "get": {
            "operationId": "check_health",
            "tags": ["server"],
            "summary": "Whether the server is running.",
            "description": "Needs no token.",
            "responses": {
                "200": answer("It is.", strict({"status": {"const": "ok"}})),
                **_NOT_HTTP,
            },
            "security": [],
        }
    },
    "/readyz": {
        "get": {
            "operationId": "check_ready",
            "tags": ["server"],
            "summary": "Whether the networks are loaded.",
            "description": "Needs no token.",
            "responses": {
                "200": answer("They are.", strict({"status": {"const": "ready"}})),
                "503": answer(
                    "Not yet, or the server is shutting down.",
                    strict({"status": {"enum": ["starting", "draining"]}}),
                ),
                **_NOT_HTTP,
            },
            "security": [],
        }
    },
}


def document_blueprint(operations: Sequence[Operations]) -> Blueprint:
    """Serves the document of these operations at ``/api/openapi.json``."""
    blueprint = Blueprint("openapi", __name__)

    @blueprint.get("/api/openapi.json")
    def show() -> ResponseReturnValue:
        return jsonify(document_of_server(operations))

    return blueprint


def document_of_server(operations: Sequence[Operations]) -> JsonObject:
    """The document as the current request's server gives it: a network that was installed
    meanwhile is offered.
    """
    parts = services()
    paths, schemas = dict(OWN_PATHS), dict(problems.SCHEMAS)
    for of in operations:
        described = of(parts.settings, parts.registry)
        paths.update(described.paths)
        schemas.update(described.schemas)
    whole = document(paths, schemas, asks_for_token=parts.accounts is not None)
    return whole | {"servers": [{"url": request.script_root or "/"}]}


def document(paths: Paths, schemas: JsonObject, asks_for_token: bool) -> JsonObject:
    """The whole document but its servers."""
    error_codes = {"ErrorCode": {"type": "string", "enum": problems.codes(paths)}}
    components: JsonObject = {"schemas": schemas | error_codes}
    if asks_for_token:
        components["securitySchemes"] = SECURITY
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
            "contact": {"name": "Whoever runs this server"},
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": paths,
        "components": components,
        "security": [{name: []} for name in SECURITY] if asks_for_token else [],
    }

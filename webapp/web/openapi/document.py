"""The OpenAPI document: operations on the server itself, and the others put together."""

from importlib import metadata

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from webapp.services import services
from webapp.web.errors import problem_of_status
from webapp.web.openapi import problems
from webapp.web.openapi.albums import album_paths, album_schemas
from webapp.web.openapi.parts import JsonObject, Paths, answer, strict
from webapp.web.openapi.photos import photo_paths, photo_schemas

openapi = Blueprint("openapi", __name__)

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

SERVER_PATHS: Paths = {
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


@openapi.get("/api/openapi.json")
def show() -> ResponseReturnValue:
    return jsonify(document())


def document() -> JsonObject:
    """The document as the current request's server gives it: a network that was installed
    meanwhile is offered.
    """
    parts = services()
    settings, asks_for_token = parts.settings, parts.accounts is not None
    paths = {**SERVER_PATHS, **photo_paths(settings), **album_paths(settings)}
    components: JsonObject = {
        "schemas": {
            **problems.SCHEMAS,
            **photo_schemas(settings, parts.registry),
            **album_schemas(settings),
            "ErrorCode": {"type": "string", "enum": problems.codes(paths)},
        }
    }
    if asks_for_token:
        components["securitySchemes"] = SECURITY
    return {
        "openapi": "3.1.0",
        "info": _info(),
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": paths,
        "components": components,
        "security": [{name: []} for name in SECURITY] if asks_for_token else [],
        "servers": [{"url": request.script_root or "/"}],
    }


def _info() -> JsonObject:
    return {
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
    }

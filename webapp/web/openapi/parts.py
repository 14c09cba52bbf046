"""Building blocks of the OpenAPI document."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from webapp.settings import Settings
from webapp.vision.models import ModelRegistry
from webapp.web.errors import STATUS, AccountsUnavailable, NoToken, problem_of_status

JsonObject = dict[str, Any]
Paths = Mapping[str, JsonObject]
Operations = Callable[[Settings, ModelRegistry], Paths]

SECURITY: JsonObject = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "Created by `agelens token create`. Required if the server has users.",
    }
}
"""Security schemes by name; where the server has users, every operation needs one of them."""

_REFERENCE = "#/components/schemas/{name}"

EVERYWHERE: tuple[type[Exception], ...] = (NoToken, AccountsUnavailable)
"""Our own errors that any operation under ``/api`` can answer with."""

UNIVERSAL = (400, 500)
"""Statuses of the framework that any operation can answer with: a request that is no HTTP, and our
own fault.
"""

UPLOADING = (408, 411, 429, 503, 507)
"""Statuses with which an upload can be refused before it is read."""

COME_AGAIN = (429, 503)
"""Statuses with a ``Retry-After`` header."""


REQUEST_ID: JsonObject = {
    "type": "string",
    "description": "Identifies this request in the server's log.",
}
RETRY_AFTER: JsonObject = {
    "description": "Seconds after which to try again.",
    "required": True,
    "schema": {"type": "integer", "minimum": 1},
}


def answer(description: str, schema: JsonObject, headers: JsonObject | None = None) -> JsonObject:
    """A response with a JSON body."""
    content = {"application/json": {"schema": schema}}
    return {"description": description, "content": content, "headers": headers or {}}


def problems(*errors: type[Exception], statuses: Sequence[int] = ()) -> JsonObject:
    """The responses that stand for our own exceptions, for ``UNIVERSAL`` and for further statuses
    of the framework, by status.
    """
    codes: dict[int, list[str]] = {}
    for status in (*UNIVERSAL, *statuses):
        codes[status] = [problem_of_status(status).code]
    for error in (*EVERYWHERE, *errors):
        codes.setdefault(STATUS[error], []).append(error.code)  # type: ignore[attr-defined]
    return {str(int(status)): _problem(status, codes[status]) for status in sorted(codes)}


def _problem(status: int, codes: Sequence[str]) -> JsonObject:
    described = strict({"code": {"enum": sorted(set(codes))}, "message": {"type": "string"}})
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        described["properties"]["request_id"] = REQUEST_ID
        described["required"].append("request_id")
    headers = {"Retry-After": RETRY_AFTER} if status in COME_AGAIN else {}
    return answer("No answer: " + ", ".join(codes) + ".", strict({"error": described}), headers)


def strict(properties: JsonObject) -> JsonObject:
    """An object that has exactly these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def described(kind: type, further: JsonObject) -> JsonObject:
    """The schemas of a dataclass and of all that it holds, by name; nothing in them is optional.

    ``further`` are properties that documents have in front of the dataclass's own.
    """
    _, found = msgspec.json.schema_components((kind,), ref_template=_REFERENCE)
    found[kind.__name__]["properties"] = further | found[kind.__name__]["properties"]
    for schema in found.values():
        schema.update(strict(schema["properties"]))
        schema["description"] = inspect.cleandoc(schema["description"]).replace("``", "`")
    return dict(found)


def reference(name: str) -> JsonObject:
    """The schema of that name."""
    return {"$ref": _REFERENCE.format(name=name)}

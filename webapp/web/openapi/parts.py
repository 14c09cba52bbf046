"""What the descriptions of all operations are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from webapp.settings import Settings
from webapp.vision.analyzer import Registry
from webapp.web.errors import RETRY_AFTER_SECONDS, STATUS, NoToken, problem_of_status

JsonObject = dict[str, Any]
Paths = Mapping[str, JsonObject]
Operations = Callable[[Settings, Registry], Paths]

SECURITY: JsonObject = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "Made by `agelens token create`. Asked for where the server has users.",
    }
}
"""Security schemes by name; where the server has users, every operation needs one of them."""

EVERYWHERE: tuple[type[Exception], ...] = (NoToken,)
"""Our own errors that any operation under ``/api`` can answer with."""

UNIVERSAL = (400, 500)
"""Statuses of the framework that any operation can answer with: a request that is no HTTP, and our
own fault.
"""

COME_AGAIN = (503,)
"""Statuses that say in ``Retry-After`` when to come again."""


RETRY_AFTER: JsonObject = {
    "description": "Seconds after which to try again.",
    "required": True,
    "schema": {"type": "integer", "const": RETRY_AFTER_SECONDS},
}


def answer(description: str, schema: JsonObject, headers: JsonObject | None = None) -> JsonObject:
    """A response with a JSON body."""
    content = {"application/json": {"schema": schema}}
    return {"description": description, "content": content, "headers": headers or {}}


def problems(*errors: type[Exception]) -> JsonObject:
    """The responses that stand for our own exceptions and for ``UNIVERSAL``, by status."""
    codes: dict[int, list[str]] = {}
    for status in UNIVERSAL:
        codes[status] = [problem_of_status(status).code]
    for error in (*EVERYWHERE, *errors):
        codes.setdefault(STATUS[error], []).append(error.code)  # type: ignore[attr-defined]
    return {str(int(status)): _problem(status, codes[status]) for status in sorted(codes)}


def _problem(status: int, codes: Sequence[str]) -> JsonObject:
    described = strict({"code": {"enum": sorted(set(codes))}, "message": {"type": "string"}})
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


def reference(name: str) -> JsonObject:
    """The schema of that name."""
    return {"$ref": f"#/components/schemas/{name}"}

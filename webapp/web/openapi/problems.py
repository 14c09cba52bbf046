"""Errors in the OpenAPI document: one schema, and a response per status with its codes."""

import inspect
from collections.abc import Sequence

from webapp.web.errors import STATUS, AccountsUnavailable, NoToken, problem_of_status
from webapp.web.openapi.parts import JsonObject, Paths, answer, reference, strict

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

SCHEMAS: JsonObject = {
    "ErrorResponse": strict({"error": reference("ErrorDetail")}),
    "ErrorDetail": strict(
        {
            "code": reference("ErrorCode"),
            "message": {"type": "string", "description": "One sentence for a person."},
        },
        {
            "request_id": {
                "type": "string",
                "description": "With 500: identifies this request in the server's log.",
            }
        },
    ),
}
"""The schemas of errors; ``ErrorCode`` is made of all codes that the document has."""

_RETRY_AFTER: JsonObject = {
    "description": "Seconds after which to try again.",
    "required": True,
    "schema": {"type": "integer", "minimum": 1},
}


def problems(*errors: type[Exception], statuses: Sequence[int] = ()) -> JsonObject:
    """The responses that stand for our own exceptions, for ``UNIVERSAL`` and for further statuses
    of the framework, by status; each has an example per code.
    """
    meanings: dict[int, dict[str, str]] = {}
    for status in (*UNIVERSAL, *statuses):
        problem = problem_of_status(status)
        meanings.setdefault(status, {})[problem.code] = problem.message
    for error in (*EVERYWHERE, *errors):
        meanings.setdefault(STATUS[error], {})[error.code] = meaning(error)  # type: ignore[attr-defined]
    return {str(int(status)): _problem(status, meanings[status]) for status in sorted(meanings)}


def meaning(error: type[Exception]) -> str:
    """What an error of ours means: the first paragraph of its description."""
    return " ".join(inspect.getdoc(error).split("\n\n")[0].split())  # type: ignore[union-attr] # all have one


def codes(paths: Paths) -> list[str]:
    """The codes of all errors of these operations."""
    return sorted(
        {
            code
            for item in paths.values()
            for operation in item.values()
            if isinstance(operation, dict)
            for response in operation["responses"].values()
            for media in response.get("content", {}).values()
            for code, example in media.get("examples", {}).items()
            if "error" in example["value"]
        }
    )


def _problem(status: int, by_code: dict[str, str]) -> JsonObject:
    response = answer(
        "No answer: " + ", ".join(sorted(by_code)) + ".",
        reference("ErrorResponse"),
        headers={"Retry-After": _RETRY_AFTER} if status in COME_AGAIN else None,
    )
    response["content"]["application/json"]["examples"] = {
        code: {"value": {"error": {"code": code, "message": by_code[code]}}}
        for code in sorted(by_code)
    }
    return response

"""Building blocks of the OpenAPI document."""

import inspect
from collections.abc import Mapping
from typing import Any

import msgspec

JsonObject = dict[str, Any]
Paths = Mapping[str, JsonObject]

_REFERENCE = "#/components/schemas/{name}"

BINARY: JsonObject = {"type": "string", "format": "binary"}
"""A file. OpenAPI 3.1 knows it by its media type alone; generators of clients look for this."""


def answer(
    description: str, schema: JsonObject, example: object = None, headers: JsonObject | None = None
) -> JsonObject:
    """A response with a JSON body."""
    media: JsonObject = {"schema": schema}
    if example is not None:
        media["example"] = example
    response: JsonObject = {"description": description, "content": {"application/json": media}}
    return response | ({"headers": headers} if headers else {})


def strict(properties: JsonObject, optional: JsonObject | None = None) -> JsonObject:
    """An object that has exactly these properties, and perhaps the optional ones."""
    return {
        "type": "object",
        "properties": properties | (optional or {}),
        "required": list(properties),
        "additionalProperties": False,
    }


def described(kind: type, further: JsonObject) -> JsonObject:
    """The schemas of a dataclass and of all that it holds, by name; nothing in them is optional.

    ``further`` are properties that documents have in front of the dataclass's own.
    """
    _, found = msgspec.json.schema_components((kind,), ref_template=_REFERENCE)
    found[kind.__name__]["properties"] = further | found[kind.__name__]["properties"]
    for name, schema in found.items():
        text = inspect.cleandoc(schema["description"]).replace("``", "`")
        found[name] = {"description": text, **strict(_without_tuples(schema["properties"]))}
    return dict(found)


def reference(name: str) -> JsonObject:
    """The schema of that name."""
    return {"$ref": _REFERENCE.format(name=name)}


def _without_tuples(schema: Any) -> Any:
    """The same schema with tuples as arrays of a fixed length: generators know no ``prefixItems``.

    All our tuples hold values of one kind.
    """
    if isinstance(schema, list):
        return [_without_tuples(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    changed = {name: _without_tuples(one) for name, one in schema.items()}
    if "prefixItems" in changed:
        changed["items"], *_ = changed.pop("prefixItems")
    return changed

"""Parts of an answer, for those who need no more: ``faces.age,faces.gender``."""

from collections.abc import Collection
from dataclasses import fields
from typing import Any

from webapp.vision.types import Analysis, Face

FACES = "faces"
SELECTABLE = (
    "photo",
    *(field.name for field in fields(Analysis)),
    *(f"{FACES}.{field.name}" for field in fields(Face)),
)
"""What can be asked for: what an answer has, and what each of its faces has."""


def selected(document: dict[str, Any], wanted: Collection[str]) -> dict[str, Any]:
    """The same document with nothing but what is wanted, in its own order; see SELECTABLE."""
    of_faces = {name.removeprefix(f"{FACES}.") for name in wanted if name.startswith(f"{FACES}.")}
    chosen = {name: value for name, value in document.items() if name in wanted}
    if of_faces and FACES not in chosen:
        chosen[FACES] = [
            {name: value for name, value in face.items() if name in of_faces}
            for face in document[FACES]
        ]
    return chosen

"""The documents of a result, made from the pipeline's own dataclasses.

Stored documents are exact and carry a version; fields that this version does not know are ignored.
Documents for users have the same fields, rounded.
"""

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any, Self

import msgspec

from webapp.results.comparison import Comparison
from webapp.results.store.errors import UnreadableRecord
from webapp.vision.occlusion import Sensitivity
from webapp.vision.types import Analysis, Face

VERSION = 2
"""Version of stored documents; raised when a change would make other versions misread them."""


@dataclass(frozen=True)
class Choices:
    """What a visitor can choose for an analysis; None means the server's default."""

    detector: str | None = None
    model: str | None = None
    # Least confidence of a detection, 0.0 to 1.0.
    threshold: float | None = None
    # Clockwise, before faces are looked for; 0 to 3, or None for the turn that shows them upright.
    quarter_turns: int | None = None


@dataclass(frozen=True, kw_only=True)
class StoredDocument:
    """Whatever is stored as JSON, with the version of its form."""

    version: int = VERSION

    def to_json(self) -> bytes:
        return msgspec.json.encode(self)

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """Raises UnreadableRecord if the document is damaged or of another version."""
        try:
            if msgspec.json.decode(data, type=_Versioned).version != cls.version:
                raise UnreadableRecord(
                    "This result was stored by another version of agelens and cannot be shown by "
                    "this one. Please analyse the photo again."
                )
            return msgspec.json.decode(data, type=cls)
        except ValueError as error:  # msgspec's own, or invalid UTF-8
            raise UnreadableRecord(
                "The stored result is damaged. Please analyse the photo again."
            ) from error


@dataclass(frozen=True)
class _Versioned:
    """The version of a document, read first. The first version had no such field."""

    version: int = 1


@dataclass(frozen=True)
class Record(StoredDocument):
    """One result: the upload's name, what was chosen, what was found."""

    name: str
    choices: Choices
    analysis: Analysis
    # Of a corrected analysis: the run that it began as, whose photo it shows, and for each face
    # the name of the picture of its crop.
    began_as: int | None = None
    crops: tuple[str, ...] = ()


@dataclass(frozen=True)
class ComparisonRecord(StoredDocument):
    """A stored comparison: the upload's name and each contender's result."""

    name: str
    comparison: Comparison


@dataclass(frozen=True)
class ExplanationRecord(StoredDocument):
    """Where in its crop the answers for a face come from."""

    age: Sensitivity
    gender: Sensitivity


DIGITS = 4
"""Decimals of a probability; more would claim more precision than the networks have."""
_DIGITS = {"years": 1, "decode": 1, "detect": 1, "estimate": 1}
_ROUNDED = ("by_year",)
"""A hundred numbers per face, already rounded where they are made."""


def analysis_document(name: str, result: Analysis) -> dict[str, Any]:
    """The result for one photo as the JSON object that pages, API and command line give.

    It holds nothing but what JSON has, so it equals what is read from its text.
    """
    as_json: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(result))
    return {"photo": name, **_rounded(as_json)}


def failure_document(name: str, code: str, message: str) -> dict[str, Any]:
    """The JSON object for a photo that could not be analysed."""
    return {"photo": name, "error": {"code": code, "message": message}}


def comparison_document(name: str, comparison: Comparison) -> dict[str, Any]:
    """The results of several detectors and networks for one photo.

    ``analyses`` holds one result per contender; ``faces`` holds, for each face of the photo, its
    place in each result (counting from 0) or null where that contender did not find it.
    """
    return {
        "photo": name,
        "analyses": [analysis_document(name, analysis) for analysis in comparison.analyses],
        "faces": [
            [
                None if answer is None else analysis.faces.index(answer)
                for analysis, answer in zip(comparison.analyses, face.answers, strict=True)
            ]
            for face in comparison.faces
        ],
    }


def _rounded(value: Any, digits: int = DIGITS) -> Any:
    if isinstance(value, float):
        return round(value, digits)
    if isinstance(value, dict):
        return {
            name: one if name in _ROUNDED else _rounded(one, _DIGITS.get(name, digits))
            for name, one in value.items()
        }
    return [_rounded(one) for one in value] if isinstance(value, list) else value


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

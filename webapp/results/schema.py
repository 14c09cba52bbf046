"""What the server remembers of a result, as exact JSON: nothing is rounded on the way.

Every document carries a version. Fields that this version does not know are ignored, and documents
from before there were versions are of version 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeVar

import msgspec

from webapp.results.comparison import Comparison
from webapp.store.errors import UnreadableRecord
from webapp.vision.types import Analysis

VERSION = 1
"""Raised when a document changes so that older versions would misread it."""


@dataclass(frozen=True)
class Choices:
    """What a visitor can choose for an analysis; None means the server's default."""

    detector: str | None = None
    model: str | None = None
    # Least confidence of a detection, 0.0 to 1.0.
    threshold: float | None = None
    # Clockwise, before faces are looked for; 0 to 3.
    quarter_turns: int = 0


@dataclass(frozen=True)
class Record:
    """One result: the upload's name, what was chosen, what was found."""

    name: str
    choices: Choices
    analysis: Analysis
    version: int = VERSION

    def to_json(self) -> bytes:
        return msgspec.json.encode(self)

    @classmethod
    def from_json(cls, data: bytes) -> Record:
        """Raises UnreadableRecord."""
        return read_document(cls, data)


@dataclass(frozen=True)
class ComparisonRecord:
    """One comparison: the upload's name and what each contender found."""

    name: str
    comparison: Comparison
    version: int = VERSION

    def to_json(self) -> bytes:
        return msgspec.json.encode(self)

    @classmethod
    def from_json(cls, data: bytes) -> ComparisonRecord:
        """Raises UnreadableRecord."""
        return read_document(cls, data)


class Document(Protocol):
    """A dataclass that is stored as JSON."""

    @property
    def version(self) -> int: ...


Stored = TypeVar("Stored", bound=Document)


def read_document(kind: type[Stored], data: bytes) -> Stored:
    """A stored document. Raises UnreadableRecord where it is damaged or of another version."""
    try:
        if msgspec.json.decode(data, type=_Versioned).version != VERSION:
            raise UnreadableRecord(
                "This result was stored by another version of agelens and cannot be shown by "
                "this one. Please analyse the photo again."
            )
        return msgspec.json.decode(data, type=kind)
    except msgspec.DecodeError as error:
        raise UnreadableRecord(
            "What is stored of this result is damaged. Please analyse the photo again."
        ) from error


@dataclass(frozen=True)
class _Versioned:
    """All that has to be known of a document before it is read."""

    version: int = VERSION

"""An album: photos and their outcomes. Everything is derived from the stored files.

Of photo 7 the store holds ``0007.original``; one ``0007.attempt-1`` for every time that a worker
started on it; and, once there is an answer, ``0007.outcome``. There is no other list of work that
could contradict these files. Where a person corrected the answer in run 2, ``0007.corrected-2``
is as old as the last correction.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Self

from webapp.errors import filled
from webapp.results.runs import FIRST, RECORD, derived_name, name_in_run
from webapp.results.schema import Choices
from webapp.vision.types import Analysis

ORIGINAL, OUTCOME = "original", "outcome"
ANNOTATED, CORRECTED = "annotated.jpg", "corrected-"
_ATTEMPT = "attempt-"
MOST_ATTEMPTS = 3
LEASE_SECONDS = 6.0
"""Seconds without a refresh of its attempt after which a worker counts as dead."""


@dataclass(frozen=True)
class Failure:
    """Why there is no analysis: a stable code, and a sentence as in AgelensError.

    ``message`` is its template; albums from before there were values have whole sentences there.
    """

    code: str
    message: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def template(self) -> str:
        return self.message

    def __str__(self) -> str:
        return filled(self.message, self.values)


@dataclass(frozen=True)
class UnreadUpload:
    """A file of an upload that cannot be read: its name for display, and the reason."""

    name: str
    failure: Failure


@dataclass(frozen=True)
class AlbumPhoto:
    """One photo; its outcome is None while it is waiting. Numbers count from 1."""

    number: int
    name: str
    outcome: Analysis | Failure | None = None
    # The analysis that the outcome is, and of a corrected one the files of its crops.
    run: int = FIRST
    crops: tuple[str, ...] = ()

    @property
    def annotated_name(self) -> str:
        """The file of the picture with boxes and labels."""
        return part_of(self.number) + derived_name(self.run, self.crops, ANNOTATED)


@dataclass(frozen=True)
class KeyedRequest:
    """A request with an Idempotency-Key: the id for its album, a digest of its files."""

    album_id: str
    digest: str


@dataclass(frozen=True)
class Album:
    """The current state of one upload of many photos."""

    id: str
    created: datetime
    expires: datetime
    choices: Choices
    photos: tuple[AlbumPhoto, ...]
    # Files of the upload that are not photos.
    left_out: int = 0
    # Of the request that made it, if that had an Idempotency-Key: a digest of its files.
    request: str = ""

    @property
    def done(self) -> int:
        """How many photos have an outcome."""
        return sum(photo.outcome is not None for photo in self.photos)

    @property
    def finished(self) -> bool:
        return self.done == len(self.photos)

    @property
    def successes(self) -> tuple[tuple[AlbumPhoto, Analysis], ...]:
        """The photos that were analysed, with their analyses."""
        pairs = ((photo, photo.outcome) for photo in self.photos)
        return tuple((photo, found) for photo, found in pairs if isinstance(found, Analysis))

    @property
    def failures(self) -> tuple[tuple[AlbumPhoto, Failure], ...]:
        """The photos that could not be analysed, with the reasons."""
        pairs = ((photo, photo.outcome) for photo in self.photos)
        return tuple((photo, found) for photo, found in pairs if isinstance(found, Failure))


@dataclass(frozen=True)
class PhotoId:
    """What one photo of an album has where a single photo has the id of its result."""

    album: str
    number: int

    @classmethod
    def of(cls, text: str) -> Self | None:
        """The photo that an id names, or None for any other id."""
        found = re.fullmatch(r"([^.]*)\.([1-9][0-9]{0,5})", text, re.ASCII)
        return cls(found[1], int(found[2])) if found else None

    def __str__(self) -> str:
        return f"{self.album}.{self.number}"


def part_of(number: int) -> str:
    """What the names of a photo's files begin with."""
    return f"{number:04}."


def original_name(number: int) -> str:
    return part_of(number) + ORIGINAL


def outcome_name(number: int) -> str:
    return part_of(number) + OUTCOME


def attempt_name(number: int, attempt: int) -> str:
    """The file of an attempt; attempts count from 1."""
    return f"{part_of(number)}{_ATTEMPT}{attempt}"


def thumbnail_name(number: int) -> str:
    return f"{number:04}.thumbnail.jpg"


def annotated_name(number: int) -> str:
    return part_of(number) + ANNOTATED


def record_name(number: int, run: int) -> str:
    """The record of a further analysis of a photo."""
    return part_of(number) + name_in_run(run, RECORD)


class State(Enum):
    """The state of a photo."""

    WAITING = "waiting"
    RUNNING = "running"
    # It was attempted as often as allowed, and every worker died of it.
    LOST = "lost"
    DONE = "done"


def attempts_of(number: int, ages: Mapping[str, float]) -> dict[int, float]:
    """The attempts at a photo and their ages, from the names and ages of an album's files.

    One that its worker dropped is missing among them; the others died or are at it.
    """
    return _numbered(attempt_name(number, 0)[:-1], ages)


def run_shown(number: int, ages: Mapping[str, float]) -> int:
    """The analysis of a photo that an album shows: the one corrected last, or else the first."""
    corrected = _numbered(part_of(number) + CORRECTED, ages)
    return min(corrected, key=lambda run: (corrected[run], -run), default=FIRST)


def _numbered(start: str, ages: Mapping[str, float]) -> dict[int, float]:
    """The ages of the files whose names are a number after such a start, by that number."""
    found = ((name.removeprefix(start), age) for name, age in ages.items() if start in name)
    return {int(number): age for number, age in found if number.isdecimal()}


def state_of(number: int, ages: Mapping[str, float]) -> State:
    """The state of a photo, from the names of an album's files and their ages in seconds."""
    if outcome_name(number) in ages:
        return State.DONE
    attempts = attempts_of(number, ages)
    if attempts and attempts[max(attempts)] < LEASE_SECONDS:
        return State.RUNNING
    return State.LOST if len(attempts) >= MOST_ATTEMPTS else State.WAITING


def are_settled(ages: Mapping[str, float]) -> bool:
    """Whether no worker is at any photo, not even at one with an outcome."""
    return all(age >= LEASE_SECONDS for name, age in ages.items() if _ATTEMPT in name)


def to_do(numbers: Iterable[int], ages: Mapping[str, float]) -> list[int]:
    """The photos that a worker should analyse or give up."""
    return [n for n in numbers if state_of(n, ages) in (State.WAITING, State.LOST)]

"""Albums in the result store."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from webapp.albums.album import Album, AlbumPhoto, Failure, original_name, outcome_name
from webapp.store.errors import UnknownResult
from webapp.store.results import ANYBODY, NOBODY, ResultStore, StoredResult
from webapp.vision.types import Analysis
from webapp.web.record import Choices, Record
from webapp.web.uploads import Upload

ALBUM = "album.json"


class Shelf:
    """Puts albums into a store and reads them again."""

    def __init__(self, store: ResultStore) -> None:
        self.store = store

    def create(self, uploads: Iterable[Upload], choices: Choices, owner: str = NOBODY) -> str:
        """Store an album of photos that come one by one; its id.

        Whatever ends ``uploads`` early leaves nothing behind. Raises StoreFull.
        """
        return self.store.create_from(_files(uploads, choices), owner)

    def open(self, album_id: str, owner: str = NOBODY) -> Album:
        """An album of this owner as it stands now. Raises UnknownResult."""
        stored = self.store.open(album_id, owner)
        document = contents(stored)
        numbers = range(1, len(document["names"]) + 1)
        outcomes = stored.read_all(outcome_name(number) for number in numbers)
        photos = (
            AlbumPhoto(number, name, _outcome(outcomes.get(outcome_name(number))))
            for number, name in enumerate(document["names"], start=1)
        )
        choices = Choices(**document["choices"])
        return Album(album_id, stored.created, stored.expires, choices, tuple(photos))


def contents(stored: StoredResult) -> dict[str, Any]:
    """The ``names`` of an album's photos and the ``choices`` made for them, as JSON values.

    Raises UnknownResult where the result is no album.
    """
    document: dict[str, Any] = json.loads(stored.read(ALBUM))
    return document


def write_outcome(stored: StoredResult, number: int, outcome: Record | Failure) -> None:
    """Say what became of a photo. An outcome that is there already stays."""
    if isinstance(outcome, Failure):
        document = json.dumps({"failure": asdict(outcome)}).encode()
    else:
        document = outcome.to_json()
    stored.claim(outcome_name(number), document)


def _files(uploads: Iterable[Upload], choices: Choices) -> Iterator[tuple[str, bytes]]:
    names = []
    for number, upload in enumerate(uploads, start=1):
        names.append(upload.name)
        yield original_name(number), upload.data
    yield ALBUM, json.dumps({"names": names, "choices": asdict(choices)}).encode()


def _outcome(data: bytes | None) -> Analysis | Failure | None:
    if data is None:
        return None
    document = json.loads(data)
    if "failure" in document:
        return Failure(**document["failure"])
    return Record.from_json(data).analysis


def unfinished(store: ResultStore, finished: set[str]) -> Iterator[tuple[StoredResult, int]]:
    """Albums that may have work left, each with the number of its photos.

    Ids in ``finished`` are passed over; the caller adds those that it finds finished.
    """
    for album_id in store.ids():
        if album_id in finished:
            continue
        try:
            stored = store.open(album_id, ANYBODY)
            yield stored, len(contents(stored)["names"])
        except UnknownResult:
            continue  # still being written, or deleted meanwhile

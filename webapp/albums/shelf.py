"""Albums in the result store."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from webapp.albums.album import (
    Album,
    AlbumPhoto,
    Failure,
    UnreadUpload,
    original_name,
    outcome_name,
)
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

    def create(
        self,
        uploads: Iterable[Upload | UnreadUpload],
        choices: Choices,
        owner: str = NOBODY,
        left_out: int = 0,
    ) -> str:
        """Store an album of photos that come one by one; its id.

        Whatever ends ``uploads`` early leaves nothing behind. Raises StoreFull.
        """
        further = {"choices": asdict(choices), "left_out": left_out}
        return self.store.create_from(_files(uploads, further), owner)

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
        left_out = document.get("left_out", 0)
        return Album(album_id, stored.created, stored.expires, choices, tuple(photos), left_out)


def contents(stored: StoredResult) -> dict[str, Any]:
    """The ``names`` of an album's photos and the ``choices`` made for them, as JSON values.

    Raises UnknownResult where the result is no album.
    """
    document: dict[str, Any] = json.loads(stored.read(ALBUM))
    return document


def write_outcome(stored: StoredResult, number: int, outcome: Record | Failure) -> None:
    """Say what became of a photo. An outcome that is there already stays."""
    stored.claim(outcome_name(number), _document(outcome))


def _document(outcome: Record | Failure) -> bytes:
    if isinstance(outcome, Failure):
        return json.dumps({"failure": asdict(outcome)}).encode()
    return outcome.to_json()


def _files(
    uploads: Iterable[Upload | UnreadUpload], further: dict[str, Any]
) -> Iterator[tuple[str, bytes]]:
    """What is stored of an album: photos, outcomes of those that cannot be read, the document."""
    names = []
    for number, upload in enumerate(uploads, start=1):
        names.append(upload.name)
        if isinstance(upload, UnreadUpload):
            yield outcome_name(number), _document(upload.failure)
        else:
            yield original_name(number), upload.data
    yield ALBUM, json.dumps({"names": names, **further}).encode()


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

"""One result of the store, as whoever opened it works with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from webapp.results.store.result_store import ResultStore


@dataclass(frozen=True)
class StoredResult:
    """The files of one result."""

    id: str
    created: datetime
    expires: datetime
    _store: ResultStore

    def read(self, name: str) -> bytes:
        """One of the files. Raises UnknownResult if it is not there or no longer."""
        return self._store.read(self.id, name)

    def read_all(self, names: Iterable[str]) -> dict[str, bytes]:
        """Several files by name; one that is not there is left out."""
        return self._store.read_all(self.id, names)

    def ages(self) -> dict[str, float]:
        """The names of all files, each with the seconds since it was written."""
        return self._store.ages(self.id)

    def add(self, name: str, data: bytes) -> None:
        """Write a further file. Raises UnknownResult if the result was deleted in the meantime."""
        self._store.add(self.id, name, data)

    def claim(self, name: str, data: bytes = b"-") -> bool:
        """Write a further file unless it exists; whether it was this call that wrote it."""
        return self._store.claim(self.id, name, data)

    def drop(self, name: str) -> None:
        """Remove one of the files, if it is there."""
        self._store.drop(self.id, name)

"""One result of the store, as whoever opened it works with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from webapp.results.store.result_store import ResultStore


@dataclass(frozen=True)
class StoredResult:
    """The files of one result."""

    id: str
    created: datetime
    expires: datetime
    _store: ResultStore
    # What the names of the files begin with in the store.
    _prefix: str = ""
    # Called after each file that is written.
    _written: Callable[[], None] = lambda: None

    def part(self, prefix: str, written: Callable[[], None] = lambda: None) -> Self:
        """The files whose names begin with a prefix, by what follows it.

        ``written`` is called after each of them that is written here, and may refuse it.
        """
        return replace(self, _prefix=self._prefix + prefix, _written=written)

    def read(self, name: str) -> bytes:
        """One of the files. Raises UnknownResult if it is not there or no longer."""
        return self._store.read(self.id, self._prefix + name)

    def read_all(self, names: Iterable[str]) -> dict[str, bytes]:
        """Several files by name; one that is not there is left out."""
        found = self._store.read_all(self.id, (self._prefix + name for name in names))
        return {name.removeprefix(self._prefix): data for name, data in found.items()}

    def ages(self) -> dict[str, float]:
        """The names of all files, each with the seconds since it was written."""
        ages, start = self._store.ages(self.id), self._prefix
        return {name[len(start) :]: age for name, age in ages.items() if name.startswith(start)}

    def add(self, name: str, data: bytes) -> None:
        """Write a further file. Raises UnknownResult if the result was deleted in the meantime."""
        self._store.add(self.id, self._prefix + name, data)
        self._written()

    def claim(self, name: str, data: bytes = b"-") -> bool:
        """Write a further file unless it exists; whether it was this call that wrote it."""
        is_ours = self._store.claim(self.id, self._prefix + name, data)
        self._written()
        return is_ours

    def drop(self, name: str) -> None:
        """Remove one of the files, if it is there."""
        self._store.drop(self.id, self._prefix + name)

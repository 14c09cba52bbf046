"""The result store: a folder of files for each result, gone when its time is over.

Every process on every machine sees the same folders, and a restart changes nothing. A result
exists from the moment its last file, the mark, is written until the mark is removed; its age is the
age of the mark, and the mark's content names its owner. Ids carry 192 random bits, so where there
are no owners, knowing an id is the permission to see the result.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from webapp.store.errors import UnknownResult
from webapp.store.files import open_file_system, translated

MARK = "complete"
NOBODY = ""
"""The owner of results where nobody signs in; the mark then holds a dash, which is no name."""
ANYBODY = None
"""Asks for a result whoever owns it: for workers, never for a visitor."""
_DASH = "-"
ID_PATTERN = "[A-Za-z0-9_-]{32}"
_ID = re.compile(ID_PATTERN)

_GONE = (
    "This result does not exist. It may have been deleted, by hand or because its time was over."
)


@dataclass(frozen=True)
class StoredResult:
    """The files of one result."""

    id: str
    created: datetime
    expires: datetime
    _store: ResultStore

    def read(self, name: str) -> bytes:
        """One of the files. Raises UnknownResult where it is not there or no longer."""
        return self._store.read(self.id, name)

    def read_all(self, names: Iterable[str]) -> dict[str, bytes]:
        """Several files by name; one that is not there is left out."""
        return self._store.read_all(self.id, names)

    def ages(self) -> dict[str, float]:
        """The names of all files, each with the seconds since it was written."""
        return self._store.ages(self.id)

    def add(self, name: str, data: bytes) -> None:
        """Write a further file. Raises UnknownResult where the result was deleted meanwhile."""
        self._store.add(self.id, name, data)

    def claim(self, name: str, data: bytes = b"-") -> bool:
        """Write a further file unless it exists; whether it was this call that wrote it."""
        return self._store.claim(self.id, name, data)

    def drop(self, name: str) -> None:
        """Remove one of the files, if it is there."""
        self._store.drop(self.id, name)


class ResultStore:
    """Keeps results in a local directory or under a URL for a limited time."""

    def __init__(
        self, address: str, keep: timedelta, clock: Callable[[], float] = time.time
    ) -> None:
        self._address = address
        self._keep = keep
        self._clock = clock

    def create(self, files: Mapping[str, bytes], owner: str = NOBODY) -> str:
        """Store files under a new id, all of them or none.

        Raises StoreFull; then nothing is left of the files.
        """
        return self.create_from(files.items(), owner)

    def create_from(self, files: Iterable[tuple[str, bytes]], owner: str = NOBODY) -> str:
        """The same for files that come one by one and need not all fit into memory."""
        result_id = secrets.token_urlsafe(24)
        try:
            with translated():
                self._files.makedirs(self._path(result_id), exist_ok=True)
                for name, data in files:
                    self._files.pipe_file(self._path(result_id, name), data)
                self._files.pipe_file(self._path(result_id, MARK), (owner or _DASH).encode())
        except BaseException:
            self._remove(result_id)
            raise
        return result_id

    def open(self, result_id: str, owner: str | None = NOBODY) -> StoredResult:
        """The result of an id. Raises UnknownResult where there is none, it has expired, or it is
        somebody else's: who asks learns nothing of what others have.
        """
        born = self._born(result_id)
        if self._expired(born):
            raise UnknownResult(_GONE)
        self._refuse_others(result_id, owner)
        created = datetime.fromtimestamp(born, UTC)
        return StoredResult(result_id, created, created + self._keep, self)

    def ids(self) -> list[str]:
        """The ids of all results, complete or not, in no order."""
        if not self._files.isdir(self._folder):
            return []
        paths = self._files.ls(self._folder, detail=False)
        return [name for path in paths if _ID.fullmatch(name := _last_part(path))]

    def delete(self, result_id: str, owner: str | None = NOBODY) -> None:
        """Remove a result at once. Raises UnknownResult where there is none or it is another's."""
        self._born(result_id)
        self._refuse_others(result_id, owner)
        self._remove(result_id)

    def sweep(self) -> None:
        """Remove everything that has expired, and what a crash left half written.

        The store is listed as a whole: a bucket gives a thousand names an answer, but would want
        to be asked for each result alone.
        """
        moments: dict[str, dict[str, float]] = {result_id: {} for result_id in self.ids()}
        for path, entry in self._files.find(self._folder, detail=True).items():
            result_id, name = path.rsplit("/", 2)[-2:]
            if _ID.fullmatch(result_id):
                moments.setdefault(result_id, {})[name] = _written(entry)
        now = self._clock()
        for result_id, files in moments.items():
            first = min(files.values()) if files else self._made(result_id)
            born = files.get(MARK, first)
            if now >= born + self._keep.total_seconds():
                self._remove(result_id)

    def read(self, result_id: str, name: str) -> bytes:
        """One file of a result. Raises UnknownResult."""
        try:
            return bytes(self._files.cat_file(self._path(result_id, name)))
        except FileNotFoundError as error:
            raise UnknownResult(_GONE) from error

    def read_all(self, result_id: str, names: Iterable[str]) -> dict[str, bytes]:
        """Several files of a result by name; one that is not there is left out."""
        paths = [self._path(result_id, name) for name in names]
        if not paths:
            return {}
        found = self._files.cat(paths, on_error="omit")
        return {_last_part(path): data for path, data in found.items()}

    def ages(self, result_id: str) -> dict[str, float]:
        """The names of a result's files, each with the seconds since it was written."""
        found = self._files.find(self._path(result_id), detail=True)
        now = self._clock()
        return {_last_part(path): now - _written(entry) for path, entry in found.items()}

    def add(self, result_id: str, name: str, data: bytes) -> None:
        """Write a further file of a result. Raises UnknownResult or StoreFull."""
        self._born(result_id)
        with translated():
            self._write_unless_deleted(result_id, name, data, "overwrite")

    def claim(self, result_id: str, name: str, data: bytes) -> bool:
        """Write a further file unless it exists; whether it was this call that wrote it."""
        self._born(result_id)
        try:
            with translated():
                self._write_unless_deleted(result_id, name, data, "create")
        except FileExistsError:
            return False
        return True

    def drop(self, result_id: str, name: str) -> None:
        """Remove one file of a result, if it is there."""
        with suppress(FileNotFoundError):
            self._files.rm_file(self._path(result_id, name))

    def _write_unless_deleted(self, result_id: str, name: str, data: bytes, mode: str) -> None:
        try:
            self._files.pipe_file(self._path(result_id, name), data, mode=mode)
        except FileNotFoundError as error:
            raise UnknownResult(_GONE) from error
        try:
            self._born(result_id)
        except UnknownResult:
            self._remove(result_id)  # what was deleted while we wrote must not come back
            raise

    def _born(self, result_id: str) -> float:
        try:
            return _written(self._files.info(self._path(result_id, MARK)))
        except FileNotFoundError as error:
            raise UnknownResult(_GONE) from error

    def _refuse_others(self, result_id: str, owner: str | None) -> None:
        if owner is ANYBODY:
            return
        if self.read(result_id, MARK).decode() != (owner or _DASH):
            raise UnknownResult(_GONE)

    def _made(self, result_id: str) -> float:
        """When a folder was made that has no files, or not yet; for ever, where it is gone."""
        try:
            return _written(self._files.info(self._path(result_id)))
        except FileNotFoundError:
            return float("inf")

    def _expired(self, born: float) -> bool:
        return self._clock() >= born + self._keep.total_seconds()

    def _remove(self, result_id: str) -> None:
        """The mark first: from then on nobody can open a result that is half removed."""
        for path in (self._path(result_id, MARK), self._path(result_id)):
            with suppress(FileNotFoundError):  # another process may be quicker
                self._files.rm(path, recursive=path != self._path(result_id, MARK))

    def _path(self, result_id: str, name: str = "") -> str:
        if not _ID.fullmatch(result_id):
            raise UnknownResult(_GONE)
        return f"{self._folder}/{result_id}/{name}".rstrip("/")

    @cached_property
    def _opened(self) -> tuple[Any, str]:
        return open_file_system(self._address)

    @property
    def _files(self) -> Any:
        return self._opened[0]

    @property
    def _folder(self) -> str:
        return self._opened[1]


def _last_part(path: str) -> str:
    return path.rstrip("/").rsplit("/", 1)[-1]


def _written(entry: Mapping[str, Any]) -> float:
    """Seconds since 1970: directories tell ``mtime``, buckets ``LastModified``."""
    moment = entry["LastModified"] if "LastModified" in entry else entry["mtime"]
    return float(moment.timestamp() if isinstance(moment, datetime) else moment)

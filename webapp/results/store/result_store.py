"""The result store: one folder of files per result, deleted when it expires.

Every process on every machine sees the same folders, and a restart changes nothing. A result
exists from the moment its last file, the mark, is written until the mark is removed; its age is the
age of the mark, and the mark's content names its owner. Ids carry 192 random bits, so where there
are no owners, knowing an id is the permission to see the result.
"""

import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from webapp.errors import translatable
from webapp.results.store.bucket import Bucket
from webapp.results.store.errors import StoreError, StoreUnavailable, UnknownResult
from webapp.results.store.files import Files
from webapp.results.store.folder import Folder
from webapp.results.store.stored_result import StoredResult

MARK = "complete"
_RESERVED = "reserved"
NOBODY = ""
"""The owner of results where nobody signs in; the mark then holds a dash, which is no name."""
_DASH = "-"
ID_PATTERN = "[A-Za-z0-9_-]{32}"
_ID = re.compile(ID_PATTERN)
# Names that no file can have never reach a disk or bucket.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_UNFINISHED = timedelta(minutes=10)
"""This long after its last file was written, a result without a mark counts as abandoned."""
# Writers notice within one write that a result is gone, and a full second is long for many writes.
_REMOVALS, _REMOVAL_PAUSE = 20, 0.05

_EMPTIED = translatable("The server's storage has just been emptied.")
_GONE = translatable("This result does not exist. It may have been deleted or have expired.")


class ResultStore:
    """Keeps results in a local directory or under a URL for a limited time."""

    def __init__(
        self, address: str, keep: timedelta, clock: Callable[[], float] = time.time
    ) -> None:
        """Raises StoreUnavailable if no installed package knows such a URL."""
        self._files: Files = Bucket(address) if "://" in address else Folder(Path(address))
        self._keep = keep
        self._clock = clock

    def create(self, files: Mapping[str, bytes], owner: str) -> str:
        """Store files under a new id, all of them or none.

        Raises StoreFull or StoreUnavailable; then nothing can be opened, and what is left of the
        files goes with the next sweeps.
        """
        return self.create_from(files.items(), owner)

    def create_from(
        self, files: Iterable[tuple[str, bytes]], owner: str, result_id: str | None = None
    ) -> str:
        """The same for files that come one by one and need not all fit into memory.

        Of several calls with the same ``result_id`` all but one raise FileExistsError, at once.
        """
        if result_id is not None:
            self._reserve(result_id)
        is_retried = result_id is not None  # under the same id, for which nothing may be left
        result_id = result_id or secrets.token_urlsafe(24)
        try:
            self._files.make(self._path(result_id))
            for name, data in files:
                self._write(result_id, name, data)
            self._write(result_id, MARK, _mark_of(owner))
        except BaseException as error:
            # To ask a store once more that does not answer would only take time.
            if is_retried or not isinstance(error, StoreUnavailable):
                with suppress(StoreError):
                    self._remove(result_id)
            raise
        return result_id

    def is_complete(self, result_id: str) -> bool:
        """Whether all files of a result were written, though its time may be over by now."""
        return MARK in self.read_all(result_id, [MARK])

    def open(self, result_id: str, owner: str) -> StoredResult:
        """The result with this id. Raises UnknownResult if there is none, it has expired, or it
        belongs to another owner, which looks the same to the one who asks.
        """
        stored = self.open_unchecked(result_id)
        self._refuse_others(result_id, owner)
        return stored

    def open_unchecked(self, result_id: str) -> StoredResult:
        """The result with this id, whoever owns it: for workers, never for visitors."""
        born = self._born(result_id)
        if self._clock() >= born + self._keep.total_seconds():
            raise UnknownResult(_GONE)
        created = datetime.fromtimestamp(born, UTC)
        return StoredResult(result_id, created, created + self._keep, self)

    def ids(self) -> list[str]:
        """The ids of all results, complete or not, in no order."""
        return [name for name in self._files.folders() if _ID.fullmatch(name)]

    def delete(self, result_id: str, owner: str) -> None:
        """Delete a result at once. Raises UnknownResult if there is none of this owner."""
        self._born(result_id)
        self._refuse_others(result_id, owner)
        self._remove(result_id)

    def sweep(self) -> None:
        """Delete everything that has expired, and what a crash or an outage left half-written.

        The store is listed as a whole: a bucket gives a thousand names an answer, but would want
        to be asked for each result alone. Raises StoreError after it has done what it could.
        """
        moments: dict[str, dict[str, float]] = {result_id: {} for result_id in self.ids()}
        for path, moment in self._files.moments().items():
            result_id, _, name = path.rpartition("/")
            if _ID.fullmatch(result_id):
                moments.setdefault(result_id, {})[name] = moment
        failures = [
            failure
            for result_id, files in moments.items()
            if (failure := self._sweep_one(result_id, files)) is not None
        ]
        if failures:
            raise failures[0]

    def read(self, result_id: str, name: str) -> bytes:
        """One file of a result. Raises UnknownResult."""
        with _where_missing(UnknownResult(_GONE)):
            return self._files.read(self._path(result_id, name))

    def read_all(self, result_id: str, names: Iterable[str]) -> dict[str, bytes]:
        """Several files of a result by name; one that is not there is left out."""
        found = self._files.read_all(self._path(result_id, name) for name in names)
        return {path.rpartition("/")[2]: data for path, data in found.items()}

    def ages(self, result_id: str) -> dict[str, float]:
        """The names of a result's files, each with the seconds since it was written.

        Raises UnknownResult.
        """
        found, now = self._files.moments(self._path(result_id)), self._clock()
        ages = {path.rpartition("/")[2]: now - moment for path, moment in found.items()}
        if MARK not in ages:
            raise UnknownResult(_GONE)
        return ages

    def add(self, result_id: str, name: str, data: bytes) -> None:
        """Write a further file of a result. Raises UnknownResult or StoreFull."""
        with self._unless_deleted(result_id):
            self._files.write(self._path(result_id, name), data)

    def claim(self, result_id: str, name: str, data: bytes) -> bool:
        """Write a further file unless it exists; whether it was this call that wrote it."""
        try:
            with self._unless_deleted(result_id):
                self._files.create(self._path(result_id, name), data)
        except FileExistsError:
            return False
        return True

    def drop(self, result_id: str, name: str) -> None:
        """Remove one file of a result, if it is there."""
        with suppress(FileNotFoundError):
            self._files.remove(self._path(result_id, name))

    def _reserve(self, result_id: str) -> None:
        """Raises FileExistsError where a result of this id is there, whole or in parts."""
        self._files.make(self._path(result_id))
        with _where_missing(StoreUnavailable(_EMPTIED)):
            self._files.create(self._path(result_id, _RESERVED), b"-")

    def _write(self, result_id: str, name: str, data: bytes) -> None:
        with _where_missing(StoreUnavailable(_EMPTIED)):
            self._files.write(self._path(result_id, name), data)

    @contextmanager
    def _unless_deleted(self, result_id: str) -> Iterator[None]:
        """Keep a result that is deleted while we write from coming back: a bucket remakes it."""
        self._born(result_id)
        with _where_missing(UnknownResult(_GONE)):
            yield
        try:
            self._born(result_id)
        except UnknownResult:
            self._remove(result_id)
            raise

    def _born(self, result_id: str) -> float:
        with _where_missing(UnknownResult(_GONE)):
            return self._files.written(self._path(result_id, MARK))

    def _refuse_others(self, result_id: str, owner: str) -> None:
        if self.read(result_id, MARK) != _mark_of(owner):
            raise UnknownResult(_GONE)

    def _sweep_one(self, result_id: str, files: Mapping[str, float]) -> StoreError | None:
        """Delete an expired result; returns the error, if any, so that others are still swept."""
        try:
            if MARK in files:
                end = files[MARK] + self._keep.total_seconds()
            else:
                # Without files the folder has just been made, or all but it has been removed.
                latest = max(files.values(), default=None) or self._files.written(result_id)
                end = latest + min(_UNFINISHED, self._keep).total_seconds()
            if self._clock() >= end:
                self._remove(result_id)
        except FileNotFoundError:
            return None
        except StoreError as error:
            return error
        return None

    def _remove(self, result_id: str) -> None:
        """Delete the mark first: from then on nobody can open a half-deleted result."""
        self.drop(result_id, MARK)
        with suppress(FileNotFoundError):
            for removals in range(_REMOVALS):
                self._files.empty(self._path(result_id))
                time.sleep(removals and _REMOVAL_PAUSE)
            raise StoreUnavailable(
                "The server could not delete everything yet; the rest will follow."
            )

    def _path(self, result_id: str, name: str | None = None) -> str:
        if not _ID.fullmatch(result_id) or not (name is None or _NAME.fullmatch(name)):
            raise UnknownResult(_GONE)
        return result_id if name is None else f"{result_id}/{name}"


@contextmanager
def _where_missing(error: StoreError) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as missing:
        raise error from missing


def _mark_of(owner: str) -> bytes:
    """The content of the mark; an owner that is not a string, such as None, owns nothing."""
    return (_DASH if owner == NOBODY else owner).encode()

"""The result store: a folder of files for each result, gone when its time is over.

Every worker sees the same folders, and a restart changes nothing: a result's age is the age of
its folder. Ids carry 192 random bits, so knowing one is the permission to see the result.
"""

from __future__ import annotations

import logging
import re
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from webapp.web.errors import UnknownResult

log = logging.getLogger(__name__)

_ID = re.compile(r"[A-Za-z0-9_-]{32}")
_OWNER_ONLY = 0o700
# Folders on their way in or out; no id begins like these.
_NEW, _OLD = ".new-", ".old-"

_GONE = (
    "This result does not exist. It may have been deleted, by hand or because its time was over."
)


@dataclass(frozen=True)
class StoredResult:
    """The files of one result."""

    id: str
    created: datetime
    expires: datetime
    _folder: Path

    def read(self, name: str) -> bytes:
        """One of the files. Raises UnknownResult where it is not there or no longer."""
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError as error:
            raise UnknownResult(_GONE) from error


class ResultStore:
    """Keeps results under one folder for a limited time."""

    def __init__(
        self, folder: Path, keep: timedelta, clock: Callable[[], float] = time.time
    ) -> None:
        self._folder = folder
        self._keep = keep
        self._clock = clock

    def create(self, files: Mapping[str, bytes]) -> str:
        """Store files under a new id, all of them or none, and remove what has expired."""
        self.sweep()
        self._folder.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
        result_id = secrets.token_urlsafe(24)
        new = self._folder / f"{_NEW}{result_id}"
        new.mkdir(mode=_OWNER_ONLY)
        for name, data in files.items():
            (new / name).write_bytes(data)
        new.rename(self._folder / result_id)
        return result_id

    def open(self, result_id: str) -> StoredResult:
        """The result of an id. Raises UnknownResult where there is none or it has expired."""
        folder = self._path(result_id)
        try:
            born = folder.stat().st_mtime
        except FileNotFoundError as error:
            raise UnknownResult(_GONE) from error
        if self._expired(born):
            raise UnknownResult(_GONE)
        created = datetime.fromtimestamp(born, UTC)
        return StoredResult(result_id, created, created + self._keep, folder)

    def delete(self, result_id: str) -> None:
        """Remove a result at once. Raises UnknownResult where there is none."""
        self._remove(self._path(result_id))

    def sweep(self) -> None:
        """Remove everything that has expired, and what a crash left half written."""
        if not self._folder.is_dir():
            return
        for folder in self._folder.iterdir():
            try:
                if self._expired(folder.stat().st_mtime):
                    self._remove(folder)
            except (FileNotFoundError, UnknownResult):
                continue  # another worker was quicker

    def _path(self, result_id: str) -> Path:
        if not _ID.fullmatch(result_id):
            raise UnknownResult(_GONE)
        return self._folder / result_id

    def _expired(self, born: float) -> bool:
        return self._clock() >= born + self._keep.total_seconds()

    def _remove(self, folder: Path) -> None:
        """Rename first: from then on nobody can open a result that is half removed."""
        old = self._folder / f"{_OLD}{secrets.token_hex(8)}"
        try:
            folder.rename(old)
        except FileNotFoundError as error:
            raise UnknownResult(_GONE) from error
        shutil.rmtree(old)


class Sweeper(threading.Thread):
    """Sweeps a store regularly, so that photos also go when nobody visits."""

    def __init__(self, store: ResultStore, every: timedelta = timedelta(minutes=1)) -> None:
        super().__init__(name="sweeper", daemon=True)
        self._store = store
        self._pause = every.total_seconds()
        self._stopped = threading.Event()

    def run(self) -> None:
        while True:
            try:
                self._store.sweep()
            except OSError:
                # The promise to delete outlives a disk that fails for a while.
                log.exception("Expired results could not be removed; trying again soon.")
            if self._stopped.wait(self._pause):
                return

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._stopped.set()
        self.join()

"""The queue's file on one machine, which may be damaged, locked, replaced or missing at any time.

Nothing is lost with it: the queue is rebuilt from the store (``recovery``).
"""

import fcntl
import logging
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from huey.storage import SqliteStorage

log = logging.getLogger(__name__)

_OWNER_ONLY = 0o600
# Every transaction takes milliseconds; a page waits no longer for one that hangs.
_BUSY_SECONDS = 2
_SIDE_FILES = ("-wal", "-shm")
# SQLite's codes for files that are not SQLite databases or not ours; our statements are right.
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR)
_NOT_OURS = sqlite3.SQLITE_ERROR


class QueueFile(SqliteStorage):  # type: ignore[misc] # huey ships no types
    """Huey's SQLite storage, opened when first used and again after every error.

    A damaged file is set aside and a new one made. The failed call still raises sqlite3.Error or
    OSError; only ``dequeue``, which is soon called again, returns nothing instead.
    """

    _conn: Any

    def __init__(self, name: str, filename: str) -> None:
        self._path = Path(filename)
        self._inode: int | None = None
        self._failing = False
        super().__init__(name, filename, timeout=_BUSY_SECONDS, create_tables=False)

    @property
    def conn(self) -> Any:
        if self._conn is not None and self._inode != _inode(self._path):
            self._conn.close()  # another process has set the file aside
            self._conn = None
        return super().conn

    @contextmanager
    def db(self, commit: bool = False, close: bool = False) -> Iterator[Any]:
        try:
            with super().db(commit, close) as cursor:
                yield cursor
        except (sqlite3.Error, OSError) as error:
            with suppress(sqlite3.Error):
                self.close()
            if self._is_damaged(error):
                self._set_aside()
            raise

    def dequeue(self) -> Any:
        try:
            data = super().dequeue()
        except (sqlite3.Error, OSError) as error:
            if not self._failing:
                log.warning("The queue cannot be read, trying again and again: %s", error)
            self._failing = True
            return None
        self._failing = False
        return data

    def read_schedule(self, _: object) -> list[bytes]:
        """Nothing is ever scheduled, and asking would take a lock every second."""
        return []

    def _create_connection(self) -> Any:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._inode = _inode(self._path)
        if self._inode is not None and not self._path.is_file():
            raise sqlite3.DatabaseError(f"{self._path.name} is no file")
        os.close(os.open(self._path, os.O_RDONLY | os.O_CREAT, _OWNER_ONLY))
        self._inode = _inode(self._path)
        for file in (self.filename, *(f"{self.filename}{end}" for end in _SIDE_FILES)):
            with suppress(OSError):  # such as those that are not there
                Path(file).chmod(_OWNER_ONLY)
        connection = super()._create_connection()
        for statement in self.ddl:
            connection.execute(statement)
        return connection

    def _is_damaged(self, error: Exception) -> bool:
        code = getattr(error, "sqlite_errorcode", None)
        is_other = self._path.exists() and not self._path.is_file()
        return is_other or (code is not None and (code & 0xFF in _DAMAGED or code == _NOT_OURS))

    def _set_aside(self) -> None:
        """Rename the file, unless another process was quicker; the next use makes a new one."""
        aside = self._path.with_name(f"{self._path.name}.damaged")
        if aside.is_dir() or not self._path.is_file():
            aside = aside.with_name(f"{aside.name}-{secrets.token_hex(4)}")
        try:
            with _locked(self._path.parent):
                if _inode(self._path) != self._inode:
                    return
                for end in _SIDE_FILES:
                    Path(f"{self.filename}{end}").unlink(missing_ok=True)
                self._path.replace(aside)
        except OSError as error:
            log.warning("The damaged queue cannot be set aside: %s", error)
        else:
            log.error("The queue was damaged and lies in %s now; nothing is lost.", aside.name)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a lock that only one process can have."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:
        return None

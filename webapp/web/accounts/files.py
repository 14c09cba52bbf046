"""Small files that only the server's user may read: written atomically, reread when changed."""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from webapp.files import OWNER_ONLY, write_whole
from webapp.web.accounts.errors import BrokenFile

_FOLDER_OWNER_ONLY = 0o700
Row = tuple[str, ...]
_Stamp = tuple[int, int, int]


class TableFile:
    """A text file with one row per line, its fields separated by colons. A missing file is empty.

    A line matches the pattern as a whole; the groups of the pattern are the fields. One that does
    not take part in the match is empty, and is left out when the row is written.
    """

    def __init__(self, path: Path, pattern: str) -> None:
        self.path = path
        self._pattern = re.compile(pattern)
        self._read: tuple[_Stamp | None, list[Row]] = (None, [])

    def rows(self) -> list[Row]:
        """All current rows. Raises BrokenFile; rereads the file only if it has changed."""
        stamp, rows = self._read
        try:
            now = self._stamp()
            if now != stamp:
                rows = self._parsed() if now else []
        except OSError as error:
            raise BrokenFile(f"{self.path} cannot be read: {error.strerror}.") from error
        self._read = (now, rows)
        return rows

    @contextmanager
    def changed(self) -> Iterator[list[Row]]:
        """Rows to change in place, written when the block ends. Writers wait for each other."""
        path = self.path.resolve()
        path.parent.mkdir(mode=_FOLDER_OWNER_ONLY, parents=True, exist_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            rows = list(self.rows())
            yield rows
            text = "".join(":".join(field for field in row if field != "") + "\n" for row in rows)
            write_whole(path, text.encode(), OWNER_ONLY)
        finally:
            os.close(folder)

    def _stamp(self) -> _Stamp | None:
        """Differs after every change: our own changes make a new file, others a new time."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        return (found.st_mtime_ns, found.st_ino, found.st_size)

    def _parsed(self) -> list[Row]:
        rows = []
        text = self.path.read_text("utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), start=1):
            row = self._pattern.fullmatch(line.strip())
            if row is not None:
                rows.append(row.groups(default=""))
            elif line.strip():
                # Never the line itself: it may hold a secret.
                raise BrokenFile(f"{self.path}: line {number} is damaged.")
        return rows

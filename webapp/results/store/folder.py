"""A folder on a disk as a store."""

import errno
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from webapp.files import write_whole
from webapp.results.store.files import translated

_OWNER_ONLY = 0o700
_NOT_EMPTY = (errno.ENOTEMPTY, errno.EEXIST)


class Folder:
    """Keeps files below a path, synced to the disk; see ``Files``.

    Object stores write files atomically by nature; on a disk, they are written aside and renamed.
    """

    def __init__(self, path: Path) -> None:
        self._root = path.absolute()

    @translated()
    def make(self, folder: str) -> None:
        try:
            self._root.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
        except FileExistsError as error:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)) from error
        (self._root / folder).mkdir(exist_ok=True)

    @translated()
    def write(self, path: str, data: bytes) -> None:
        write_whole(self._root / path, data)

    @translated()
    def create(self, path: str, data: bytes) -> None:
        write_whole(self._root / path, data, exclusive=True)

    @translated()
    def read(self, path: str) -> bytes:
        return (self._root / path).read_bytes()

    def read_all(self, paths: Iterable[str]) -> dict[str, bytes]:
        found = {}
        for path in paths:
            with suppress(FileNotFoundError):
                found[path] = self.read(path)
        return found

    @translated()
    def written(self, path: str) -> float:
        return (self._root / path).stat().st_mtime

    @translated()
    def folders(self) -> list[str]:
        with suppress(FileNotFoundError), os.scandir(self._root) as entries:
            return [entry.name for entry in entries if entry.is_dir()]
        return []

    @translated()
    def moments(self, folder: str = "") -> dict[str, float]:
        found = {}
        for name in [folder] if folder else self.folders():
            with suppress(FileNotFoundError), os.scandir(self._root / name) as entries:
                for entry in entries:
                    with suppress(FileNotFoundError):  # removed while we look
                        found[f"{name}/{entry.name}"] = entry.stat().st_mtime
        return found

    @translated()
    def remove(self, path: str) -> None:
        (self._root / path).unlink()

    @translated()
    def empty(self, folder: str) -> None:
        path = self._root / folder
        for name in os.listdir(path):  # noqa: PTH208 # names are all we need
            (path / name).unlink(missing_ok=True)
        try:
            path.rmdir()
        except OSError as error:
            if error.errno not in _NOT_EMPTY:  # otherwise another process has written to it
                raise

"""Atomic writes: files appear with their whole content or not at all."""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

PART_SUFFIX = ".part"
"""How the names of unfinished files end; they begin with a dot."""
OWNER_ONLY = 0o600
_NOT_MASKED = 0o666
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL


@contextmanager
def written_whole(
    path: Path, mode: int | None = None, *, exclusive: bool = False
) -> Iterator[BinaryIO]:
    """A file to write, which takes its place at ``path`` once it is complete and on the disk.

    Where the block raises, what was there stays. Links are followed. A file that is there keeps its
    owner, where that is allowed, and its permissions unless ``mode`` tells others. A pipe or device
    cannot be replaced and is written to directly. Raises OSError, with ``exclusive``
    FileExistsError where there is a file already.
    """
    found = _status(path)
    if found is not None and not stat.S_ISREG(found.st_mode):
        with path.open("wb") as file:
            yield file
        return
    target = path.resolve()
    part = target.with_name(f".{secrets.token_hex(8)}{PART_SUFFIX}")
    try:
        with os.fdopen(os.open(part, _NEW, mode or _NOT_MASKED), "wb") as file:
            if found is not None:
                _take_over(file.fileno(), found, mode)
            yield file
            file.flush()
            os.fsync(file.fileno())
        if exclusive:
            os.link(part, target)
        else:
            part.replace(target)
    finally:
        with suppress(OSError):  # the reason why we are here says more
            part.unlink(missing_ok=True)


def write_whole(
    path: Path, data: bytes, mode: int | None = None, *, exclusive: bool = False
) -> None:
    """The same for bytes in memory."""
    with written_whole(path, mode, exclusive=exclusive) as file:
        file.write(data)


def is_stream(path: Path) -> bool:
    """Whether the path is something other than a regular file: a pipe, a device."""
    found = _status(path)
    return found is not None and not stat.S_ISREG(found.st_mode)


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _take_over(descriptor: int, found: os.stat_result, mode: int | None) -> None:
    """Give an open file the owner of another one, and its permissions or these."""
    with suppress(PermissionError):
        os.fchown(descriptor, found.st_uid, found.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(found.st_mode) if mode is None else mode)

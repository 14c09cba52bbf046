"""The file systems of the store, in fsspec's terms: each writes a file whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from webapp.store.errors import StoreFull, StoreUnavailable

PART = ".part"
_OWNER_ONLY = 0o700
# A bucket that does not answer ends a request instead of holding its thread for long: botocore's
# own limits are a minute each, and it tries five times, and s3fs five times over; that is enough.
_S3_CONFIG = {"connect_timeout": 3, "read_timeout": 8, "retries": {"max_attempts": 0}}
_FULL = (errno.ENOSPC, errno.EDQUOT)


class AtomicLocalFileSystem(LocalFileSystem):  # type: ignore[misc] # fsspec ships no types
    """A directory whose files appear with their whole content, on the disk and not only in memory.

    Object stores promise this by nature; a directory does by writing beside and renaming.
    """

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **_: Any) -> None:
        """Write a file. With mode ``create``, raises FileExistsError where it exists."""
        target = self._strip_protocol(path)
        part = f"{target}.{secrets.token_hex(4)}{PART}"
        try:
            _write_to_disk(part, value)
            if mode == "create":
                os.link(part, target)
            else:
                Path(part).replace(target)
        finally:
            Path(part).unlink(missing_ok=True)


def _write_to_disk(path: str, value: bytes) -> None:
    with Path(path).open("xb") as file:
        file.write(value)
        file.flush()
        os.fsync(file.fileno())


def open_file_system(address: str) -> tuple[Any, str]:
    """The file system of a path or URL such as ``s3://bucket/folder``, and the folder in it.

    Raises StoreUnavailable where no installed package knows that kind of URL.
    """
    if "://" not in address:
        folder = Path(address).absolute()
        folder.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
        return AtomicLocalFileSystem(), str(folder)
    try:
        # What another machine wrote must be seen at once: nothing is remembered of a listing.
        limits = {"config_kwargs": _S3_CONFIG} if address.startswith("s3://") else {}
        files, folder_in_store = fsspec.url_to_fs(address, use_listings_cache=False, **limits)
    except (ImportError, ValueError) as error:
        raise StoreUnavailable(f"The store {address} cannot be used: {error}") from error
    return files, folder_in_store


@contextmanager
def translated() -> Iterator[None]:
    """Tell a full disk apart from everything else that can go wrong with files."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StoreFull(
                "The server has no room left. Please tell whoever runs it, or try again later."
            ) from error
        raise

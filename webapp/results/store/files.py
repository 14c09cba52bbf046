"""The interface between result store and disk or bucket, and the translation of their errors."""

import errno
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from webapp.results.store.errors import StoreError, StoreFull, StoreUnavailable

log = logging.getLogger(__name__)

FULL = (errno.ENOSPC, errno.EDQUOT)
"""What a full disk, or a full share of it, answers."""


class Files(Protocol):
    """Folders of files; a file appears with its whole content or not at all.

    Paths are relative: a folder's name, or ``folder/name``. Moments are seconds since 1970. Every
    method raises StoreFull or StoreUnavailable, and FileNotFoundError where a path does not exist.
    """

    def make(self, folder: str) -> None:
        """Make a folder, and whatever it lies in."""

    def write(self, path: str, data: bytes) -> None:
        """Write a file or replace it."""

    def create(self, path: str, data: bytes) -> None:
        """Write a new file. Raises FileExistsError if it exists, also if made in the meantime."""

    def read(self, path: str) -> bytes:
        """The content of a file."""

    def read_all(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """The contents of the files that exist."""

    def written(self, path: str) -> float:
        """When a file or an empty folder was written."""

    def folders(self) -> list[str]:
        """The names of all folders, in no order."""

    def moments(self, folder: str = "") -> Mapping[str, float]:
        """The paths of all files in one or all folders, and when each was written."""

    def remove(self, path: str) -> None:
        """Remove a file. Raises FileNotFoundError, or nothing, if there is none."""

    def empty(self, folder: str) -> None:
        """Remove a folder with its files. Raises FileNotFoundError once nothing is left of it.

        Files that others remove or write at the same time are no error.
        """


@contextmanager
def translated(failure: type[Exception] = OSError) -> Iterator[None]:
    """Turn errors of a kind into those that Files may raise, and log the cause."""
    try:
        yield
    except (StoreError, FileNotFoundError, FileExistsError):
        raise
    except failure as error:
        log.warning("The store failed: %s: %s", type(error).__name__, error)
        if isinstance(error, OSError) and error.errno in FULL:
            raise StoreFull(
                "The server's disk is full. Please tell its operator, or try again later."
            ) from error
        raise StoreUnavailable(
            "The server cannot reach its storage at the moment. Please try again in a moment."
        ) from error

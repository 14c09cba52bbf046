"""A worker's hold on a photo: refreshed while it works, and not for ever."""

from __future__ import annotations

import logging
import os
import threading
import time
from types import TracebackType

from webapp.albums.album import LEASE_SECONDS
from webapp.store.errors import StoreError
from webapp.store.results import StoredResult

log = logging.getLogger(__name__)

PHOTO_SECONDS = 120.0
_EXIT_CODE = 70  # EX_SOFTWARE of sysexits.h


class Lease:
    """Refreshes an attempt's file from a thread of its own.

    A photo that takes longer than ``PHOTO_SECONDS`` hangs; nothing but the end of the process frees
    a thread that hangs in native code, so the process ends and the photo counts as its killer.
    """

    def __init__(self, stored: StoredResult, name: str) -> None:
        self._stored = stored
        self._name = name
        self._released = threading.Event()
        self._thread = threading.Thread(target=self._refresh, name="lease", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._released.set()
        self._thread.join()

    def _refresh(self) -> None:
        deadline = time.monotonic() + PHOTO_SECONDS
        while not self._released.wait(LEASE_SECONDS / 4):
            if time.monotonic() > deadline:
                log.error("A photo takes longer than %g s; this worker ends.", PHOTO_SECONDS)
                os._exit(_EXIT_CODE)
            try:
                self._stored.add(self._name, b"-")
            except (StoreError, OSError):
                log.warning("A lease could not be refreshed.", exc_info=True)

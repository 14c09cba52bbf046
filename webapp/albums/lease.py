"""A worker's lease on a photo, refreshed while it works, up to a limit."""

import logging
import os
import secrets
import threading
import time
from types import TracebackType

from webapp.albums.album import LEASE_SECONDS
from webapp.results.store.errors import StoreError, UnknownResult
from webapp.results.store.stored_result import StoredResult
from webapp.vision.errors import DecoderUnavailable

log = logging.getLogger(__name__)

PHOTO_SECONDS = 120.0
_PAUSE_SECONDS = LEASE_SECONDS / 4
_EXIT_CODE = 70  # EX_SOFTWARE of sysexits.h


class Lease:
    """An attempt at a photo, whose file a thread of its own refreshes.

    Attempts that stay behind say how often a photo killed its worker. Where the store, the disk or
    the start of a decoder failed instead, the attempt is dropped, as soon as the store lets us, if
    it is still ours.

    A photo that takes longer than ``PHOTO_SECONDS`` hangs; nothing but the end of the process frees
    a thread that hangs in native code, so the process ends and the photo counts as its killer.
    """

    def __init__(self, stored: StoredResult, name: str) -> None:
        self._stored = stored
        self._name = name
        # Tells this attempt from another one of the same name.
        self._token = secrets.token_hex(8).encode()
        self._released = threading.Event()
        self._thread = threading.Thread(target=self._refresh, name="lease", daemon=True)

    def claim(self) -> bool:
        """Whether the attempt is ours and no other worker was quicker."""
        return self._stored.claim(self._name, self._token)

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
        if isinstance(error, StoreError | OSError | DecoderUnavailable) and not self._dropped():
            threading.Thread(target=self._drop_later, name="lease", daemon=True).start()

    def _refresh(self) -> None:
        deadline = time.monotonic() + PHOTO_SECONDS
        while not self._released.wait(_PAUSE_SECONDS):
            if time.monotonic() > deadline:
                log.error("A photo takes longer than %g s; this worker ends.", PHOTO_SECONDS)
                os._exit(_EXIT_CODE)
            try:
                self._stored.add(self._name, self._token)
            except UnknownResult:
                return  # deleted; writing the outcome will fail, too
            except StoreError as error:  # whose cause the store has logged
                log.warning("A lease could not be refreshed; trying again soon: %s", error)
            except Exception:  # without this thread nothing would end a photo that hangs
                log.exception("A lease could not be refreshed; trying again soon.")

    def _drop_later(self) -> None:
        while not self._dropped():
            time.sleep(_PAUSE_SECONDS)

    def _dropped(self) -> bool:
        """Whether our attempt is gone, now or already."""
        try:
            if self._stored.read(self._name) == self._token:
                self._stored.drop(self._name)
        except UnknownResult:
            return True
        except StoreError:  # whose cause the store has logged
            return False
        except Exception:  # whatever fails, another try is due
            log.exception("An attempt could not be dropped; trying again soon.")
            return False
        return True

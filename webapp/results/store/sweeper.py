"""The thread that deletes expired results."""

import logging
import threading
from collections.abc import Sequence
from datetime import timedelta

from webapp.results.store.errors import StoreError
from webapp.results.store.result_store import ResultStore

log = logging.getLogger(__name__)


class Sweeper(threading.Thread):
    """Sweeps stores regularly, so that photos are deleted even when nobody visits."""

    def __init__(
        self, stores: Sequence[ResultStore], every: timedelta = timedelta(minutes=1)
    ) -> None:
        super().__init__(name="sweeper", daemon=True)
        self._stores = stores
        self._pause = every.total_seconds()
        self._stopped = threading.Event()

    def run(self) -> None:
        while True:
            for store in self._stores:
                try:
                    store.sweep()
                except StoreError as error:  # whose cause the store has logged
                    log.warning(
                        "Expired results could not be removed; trying again soon: %s", error
                    )
                except Exception:  # the promise to delete outlives whatever fails for a while
                    log.exception("Expired results could not be removed; trying again soon.")
            if self._stopped.wait(self._pause):
                return

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._stopped.set()
        self.join()

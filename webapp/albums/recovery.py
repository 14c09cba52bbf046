"""Queues stored photos without an outcome again, so that nothing is lost."""

import logging
import threading

from webapp.albums.album import (
    State,
    are_settled,
    original_name,
    state_of,
    thumbnail_name,
    to_do,
)
from webapp.albums.queue import AlbumQueue, PhotoTask
from webapp.albums.repository import contents, drop_pictures
from webapp.results.store.errors import StoreError, UnknownResult, UnreadableRecord
from webapp.results.store.result_store import ResultStore

log = logging.getLogger(__name__)

PAUSE_SECONDS = 3.0


class Recovery(threading.Thread):
    """Compares store and queue regularly, in every worker process.

    Two of them may queue the same photo: the second task finds the first one's claim and ends.
    """

    def __init__(self, store: ResultStore, queue: AlbumQueue, pause: float = PAUSE_SECONDS) -> None:
        super().__init__(name="recovery", daemon=True)
        self._store = store
        self._queue = queue
        self._pause = pause
        self._finished: set[str] = set()
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(self._pause):
            try:
                self.recover()
            except StoreError as error:  # whose cause the store has logged
                log.warning("The store could not be searched; trying again soon: %s", error)
            except Exception:  # nothing may end the search for work
                log.exception("The store could not be searched for work; trying again soon.")

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._stopped.set()
        self.join()

    def recover(self) -> None:
        """Queue every photo that has neither an outcome, nor a living worker, nor a task."""
        waiting = set(self._queue.waiting())
        for album_id in self._store.ids():
            if album_id in self._finished:
                continue
            try:
                self._queue.put(sorted(self._tasks(album_id) - waiting))
            except (UnknownResult, UnreadableRecord):
                continue  # being written, just deleted, or of another version
            except StoreError as error:  # one album costs no other its turn
                log.warning("An album could not be searched for work: %s", error)

    def _tasks(self, album_id: str) -> set[PhotoTask]:
        """The photos of an album still to do. Raises StoreError."""
        stored = self._store.open_unchecked(album_id)
        numbers, ages = range(1, len(contents(stored).names) + 1), stored.ages()
        if are_settled(ages) and all(state_of(n, ages) is State.DONE for n in numbers):
            self._finished.add(album_id)
        for number in numbers:
            if thumbnail_name(number) in ages and original_name(number) not in ages:
                drop_pictures(stored, number)  # of a deleted photo, whose worker died meanwhile
        return {(album_id, number) for number in to_do(numbers, ages)}

"""One worker process: Huey's consumer with one thread, and recovery in another."""

import logging
import time
from collections.abc import Callable

from huey.consumer import Consumer

from webapp.albums.queue import AlbumQueue
from webapp.albums.recovery import PAUSE_SECONDS, Recovery
from webapp.albums.worker import AlbumWorker
from webapp.results.store.errors import StoreError
from webapp.results.store.result_store import ResultStore
from webapp.settings import Settings
from webapp.vision.models import ModelRegistry

log = logging.getLogger(__name__)

LONGEST_POLL_SECONDS = 0.5


def _patient(analyze: Callable[[str, int], None]) -> Callable[[str, int], None]:
    """While the store or disk fails, all photos wait; recovery queues this one again."""

    def analyze_or_wait(album_id: str, number: int) -> None:
        try:
            analyze(album_id, number)
        except (StoreError, OSError) as error:
            log.warning("A photo waits for the store or the disk: %s", error)
            time.sleep(PAUSE_SECONDS)

    return analyze_or_wait


def album_store(settings: Settings) -> ResultStore:
    """The store of albums. Raises StoreUnavailable if no installed package knows such a URL."""
    return ResultStore(settings.store_address("albums"), settings.keep_albums)


def consume(settings: Settings, registry: ModelRegistry) -> None:
    """Analyse photos of albums until SIGTERM, which lets the photo at hand finish.

    The networks are built when the first photo comes, so a worker that waits costs little.
    """
    store = album_store(settings)
    queue = AlbumQueue(settings, _patient(AlbumWorker(settings, registry, store).analyze))
    recovery = Recovery(store, queue)
    recovery.start()
    Consumer(
        queue.huey,
        workers=1,
        periodic=False,
        initial_delay=0.05,
        max_delay=LONGEST_POLL_SECONDS,
        graceful_signal="TERM",
    ).run()
    recovery.stop()

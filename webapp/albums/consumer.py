"""One worker process: Huey's consumer with one thread, and the recovery beside it."""

from __future__ import annotations

from huey.consumer import Consumer

from webapp.albums.queue import AlbumQueue
from webapp.albums.recovery import Recovery
from webapp.albums.worker import AlbumWorker
from webapp.settings import Settings
from webapp.store.results import ResultStore
from webapp.vision.models import ModelRegistry

LONGEST_POLL_SECONDS = 0.5


def album_store(settings: Settings) -> ResultStore:
    """Where albums live."""
    return ResultStore(settings.store_address("albums"), settings.keep_albums)


def consume(settings: Settings, registry: ModelRegistry) -> None:
    """Analyse photos of albums until SIGTERM, which lets the photo at hand finish.

    The networks are built when the first photo comes, so a worker that waits costs little.
    """
    store = album_store(settings)
    queue = AlbumQueue(settings, AlbumWorker(settings, registry, store).analyze)
    queue.waiting()  # opens the queue, so that the task is known before the first one comes
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

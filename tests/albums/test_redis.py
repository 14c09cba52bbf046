"""The same queue on a real Redis, which may go away and come back empty."""

import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.scale.programs import Program
from tests.waiting import PATIENCE
from webapp.albums.queue import AlbumQueue
from webapp.albums.recovery import Recovery
from webapp.albums.repository import AlbumRepository
from webapp.albums.worker import AlbumWorker
from webapp.results.store.result_store import NOBODY
from webapp.settings import Settings


@pytest.fixture
def shared(settings: Settings, redis_port: int) -> Settings:
    return replace(settings, queue=f"redis://127.0.0.1:{redis_port}/0")


def test_what_one_machine_queues_another_works_off(
    redis: Program,
    shared: Settings,
    worker: AlbumWorker,
    repository: AlbumRepository,
    album_id: str,
) -> None:
    redis.start()
    AlbumQueue(shared).put((album_id, number) for number in (1, 2, 3))
    there = AlbumQueue(shared, worker.analyze)
    assert there.waiting() == [(album_id, 1), (album_id, 2), (album_id, 3)]
    while (task := there.huey.dequeue()) is not None:
        there.huey.execute(task)
    assert repository.open(album_id, NOBODY).finished
    assert there.length() == 0


def test_an_album_taken_in_without_redis_is_queued_when_it_is_back(
    redis: Program, shared: Settings, repository: AlbumRepository, album_id: str
) -> None:
    queue = AlbumQueue(shared)
    queue.put([(album_id, 1)])
    assert (queue.waiting(), queue.length()) == ([], 0)
    redis.start()
    Recovery(repository.store, queue).recover()
    assert queue.length() == 3
    redis.kill()
    redis.start()  # empty, since nothing was kept
    assert queue.length() == 0
    Recovery(repository.store, queue).recover()
    assert queue.waiting() == [(album_id, 1), (album_id, 2), (album_id, 3)]


def test_a_redis_that_hangs_holds_up_nobody_for_long(redis: Program, shared: Settings) -> None:
    redis.start()
    assert redis.process is not None
    redis.process.send_signal(signal.SIGSTOP)
    with ThreadPoolExecutor(1) as threads:
        try:
            assert threads.submit(AlbumQueue(shared).length).result(PATIENCE) == 0
        finally:
            redis.process.send_signal(signal.SIGCONT)

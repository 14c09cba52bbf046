"""The same queue on a real Redis, which may go away and come back empty."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.redis_server import SERVER, start_redis
from tests.servers import free_port
from tests.waiting import PATIENCE
from webapp.albums.queue import AlbumQueue
from webapp.albums.recovery import Recovery
from webapp.albums.repository import AlbumRepository
from webapp.albums.worker import AlbumWorker
from webapp.results.store.result_store import NOBODY
from webapp.settings import Settings

Start = Callable[[], subprocess.Popen[bytes]]
pytestmark = pytest.mark.skipif(SERVER is None, reason="redis-server is not installed")


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def start(port: int, tmp_path: Path) -> Iterator[Start]:
    """Starts a server that keeps nothing on the disk; all are stopped at the end."""
    started: list[subprocess.Popen[bytes]] = []

    def start_one() -> subprocess.Popen[bytes]:
        started.append(start_redis(port, tmp_path))
        return started[-1]

    yield start_one
    for server in started:
        server.terminate()
        server.wait(10)


@pytest.fixture
def shared(settings: Settings, port: int) -> Settings:
    return replace(settings, queue=f"redis://127.0.0.1:{port}/0")


def test_what_one_machine_queues_another_works_off(
    start: Start,
    shared: Settings,
    worker: AlbumWorker,
    repository: AlbumRepository,
    album_id: str,
) -> None:
    start()
    AlbumQueue(shared).put((album_id, number) for number in (1, 2, 3))
    there = AlbumQueue(shared, worker.analyze)
    assert there.waiting() == [(album_id, 1), (album_id, 2), (album_id, 3)]
    while (task := there.huey.dequeue()) is not None:
        there.huey.execute(task)
    assert repository.open(album_id, NOBODY).finished
    assert there.length() == 0


def test_an_album_taken_in_without_redis_is_queued_when_it_is_back(
    start: Start, shared: Settings, repository: AlbumRepository, album_id: str
) -> None:
    queue = AlbumQueue(shared)
    queue.put([(album_id, 1)])
    assert (queue.waiting(), queue.length()) == ([], 0)
    server = start()
    Recovery(repository.store, queue).recover()
    assert queue.length() == 3
    server.kill()
    server.wait()
    start()  # empty, since nothing was kept
    assert queue.length() == 0
    Recovery(repository.store, queue).recover()
    assert queue.waiting() == [(album_id, 1), (album_id, 2), (album_id, 3)]


def test_a_redis_that_hangs_holds_up_nobody_for_long(start: Start, shared: Settings) -> None:
    server = start()
    server.send_signal(signal.SIGSTOP)
    with ThreadPoolExecutor(1) as threads:
        try:
            assert threads.submit(AlbumQueue(shared).length).result(PATIENCE) == 0
        finally:
            server.send_signal(signal.SIGCONT)

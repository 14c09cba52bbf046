"""The same queue on a real Redis, which may go away and come back empty."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as NoConnection

from webapp.albums.queue import AlbumQueue
from webapp.albums.recovery import Recovery
from webapp.albums.shelf import Shelf
from webapp.albums.worker import AlbumWorker
from webapp.settings import Settings

SERVER = shutil.which("redis-server")
pytestmark = pytest.mark.skipif(SERVER is None, reason="redis-server is not installed")


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start(port: int, tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts a server that keeps nothing on the disk; all are stopped at the end."""
    started: list[subprocess.Popen[bytes]] = []

    def start_one() -> subprocess.Popen[bytes]:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
        server = subprocess.Popen([str(SERVER), *options], stdout=subprocess.DEVNULL)
        started.append(server)
        _wait_until_it_answers(port)
        return server

    yield start_one
    for server in started:
        server.terminate()
        server.wait(10)


def _wait_until_it_answers(port: int) -> None:
    deadline = time.monotonic() + 10
    with Redis(port=port) as client:
        while True:
            try:
                client.ping()
            except NoConnection:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            else:
                return


@pytest.fixture
def shared(settings: Settings, port: int) -> Settings:
    return replace(settings, queue=f"redis://127.0.0.1:{port}/0")


def test_what_one_machine_queues_another_works_off(
    start: Callable[[], object], shared: Settings, worker: AlbumWorker, shelf: Shelf, album_id: str
) -> None:
    start()
    AlbumQueue(shared).put((album_id, number) for number in (1, 2, 3))
    there = AlbumQueue(shared, worker.analyze)
    assert there.waiting() == [(album_id, 1), (album_id, 2), (album_id, 3)]
    while (task := there.huey.dequeue()) is not None:
        there.huey.execute(task)
    assert shelf.open(album_id).finished
    assert there.length() == 0


def test_an_album_taken_in_without_redis_is_queued_when_it_is_back(
    start: Callable[[], subprocess.Popen[bytes]], shared: Settings, shelf: Shelf, album_id: str
) -> None:
    queue = AlbumQueue(shared)
    queue.put([(album_id, 1)])
    assert (queue.waiting(), queue.length()) == ([], 0)
    server = start()
    Recovery(shelf.store, queue).recover()
    assert queue.length() == 3
    server.kill()
    server.wait()
    start()  # empty, since nothing was kept
    assert queue.length() == 0
    Recovery(shelf.store, queue).recover()
    assert queue.waiting() == [(album_id, 1), (album_id, 2), (album_id, 3)]

"""Workers are killed in the middle, and every photo still comes to exactly one outcome."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.albums.consume_with_fakes import POISON_WIDTH
from tests.samples import encoded, grace_hopper
from tests.waiting import eventually
from webapp.albums.album import Album
from webapp.albums.queue import AlbumQueue
from webapp.albums.repository import AlbumRepository
from webapp.results.schema import Choices
from webapp.results.store.result_store import NOBODY
from webapp.results.upload import Upload
from webapp.settings import Settings

PATIENCE = 120.0


@contextmanager
def workers(data_dir: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Two worker processes under a supervisor, stopped as an operator would."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.albums.consume_with_fakes"],
        env={**os.environ, "AGELENS_DATA_DIR": str(data_dir)},
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def children(process: subprocess.Popen[bytes]) -> list[int]:
    listing = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(pid) for pid in listing.read_text().split()]


def wait(repository: AlbumRepository, album_id: str, until: Callable[[Album], bool]) -> Album:
    eventually(lambda: until(repository.open(album_id, NOBODY)), PATIENCE, 0.2)
    return repository.open(album_id, NOBODY)


def kill_one(process: subprocess.Popen[bytes]) -> None:
    for pid in children(process)[:1]:
        os.kill(pid, signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_nothing_is_lost_or_doubled_when_workers_die(
    settings: Settings, repository: AlbumRepository, queue: AlbumQueue
) -> None:
    portrait = encoded(grace_hopper())
    poison = encoded(np.zeros((20, POISON_WIDTH, 3), np.uint8), "PNG")
    uploads = [Upload(f"{n}.jpg", portrait) for n in range(1, 30)] + [Upload("bad.png", poison)]
    album_id = repository.create(uploads, Choices(), NOBODY)
    queue.put((album_id, number) for number in range(1, 16))  # and 15 that were never queued
    with workers(settings.data_dir) as first:
        wait(repository, album_id, lambda album: album.done >= 3)
        kill_one(first)
        wait(repository, album_id, lambda album: album.done >= 8)
        first.kill()  # the supervisor, too, as in a power cut
    with workers(settings.data_dir) as second:
        wait(repository, album_id, lambda album: album.done >= 12)
        kill_one(second)
        album = wait(repository, album_id, lambda album: album.finished)
    assert [photo.number for photo, _ in album.successes] == list(range(1, 30))
    [(photo, failure)] = album.failures
    assert (photo.name, failure.code) == ("bad.png", "worker_lost")
    names = repository.store.open_unchecked(album_id).ages()
    assert sum(name.endswith(".outcome") for name in names) == 30


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_workers_do_not_outlive_their_supervisor(settings: Settings) -> None:
    with workers(settings.data_dir) as process:
        eventually((settings.data_dir / "queue.db").exists, PATIENCE)
        pids = children(process)
        assert len(pids) == 2
        process.kill()
        process.wait()
        eventually(lambda: not any(_runs(pid) for pid in pids), PATIENCE)


def _runs(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False

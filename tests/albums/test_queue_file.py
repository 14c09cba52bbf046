"""Whatever becomes of the queue's file, pages answer, and all photos are queued again."""

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from webapp.albums.queue import AlbumQueue
from webapp.albums.recovery import Recovery
from webapp.albums.repository import AlbumRepository
from webapp.albums.worker import AlbumWorker
from webapp.settings import InvalidSetting, Settings

TASKS = [("a" * 32, number) for number in range(1, 61)]


@pytest.fixture
def file(settings: Settings) -> Path:
    return settings.data_dir / "queue.db"


def garbage_within(file: Path) -> None:
    """All pages but the first, which tells that it is a database."""
    with file.open("r+b") as opened:
        opened.seek(4096)
        opened.write(os.urandom(file.stat().st_size - 4096))


def changed(file: Path, statements: str) -> None:
    with sqlite3.connect(file) as connection:
        connection.executescript(statements)
    connection.close()


def gone(file: Path) -> None:
    for one in file.parent.glob("queue.db*"):
        one.unlink()


def a_folder(file: Path) -> None:
    gone(file)
    file.mkdir()
    (file / "something").write_bytes(b"")


GARBAGE = b"garbage" * 3000
DAMAGES: dict[str, Callable[[Path], object]] = {
    "garbage": lambda file: file.write_bytes(GARBAGE),
    "garbage within": garbage_within,
    "garbage in tasks": lambda file: changed(
        file, "update task set data = x'80046761726261' where id % 2"
    ),
    "empty": lambda file: file.write_bytes(b""),
    "cut": lambda file: os.truncate(file, file.stat().st_size // 2),
    "cut oddly": lambda file: os.truncate(file, 5000),
    "a folder": a_folder,
    "another schema": lambda file: changed(file, "drop table task; create table task (other text)"),
    "gone": gone,
}


@pytest.fixture(params=DAMAGES)
def damage(request: pytest.FixtureRequest, queue: AlbumQueue, file: Path) -> Callable[..., None]:
    """Fills the queue and damages its file, while it is in use or between two runs."""

    def fill_and_damage(is_in_use: bool = True) -> None:
        queue.put(TASKS)
        if not is_in_use:
            queue.huey.storage.close()
        changed(file, "pragma wal_checkpoint(truncate)")  # all that is in the log, too
        DAMAGES[request.param](file)

    return fill_and_damage


def works_again(
    queue: AlbumQueue, repository: AlbumRepository, worker: AlbumWorker, settings: Settings
) -> None:
    """Recovery queues every photo of an album, and a worker gets them."""
    for _ in range(3):  # each error that is met closes the file
        queue.huey.storage.dequeue()
        Recovery(repository.store, queue).recover()
    served = AlbumQueue(settings, worker.analyze)
    album_id = repository.store.ids()[0]
    assert {(album_id, number) for number in (1, 2, 3)} <= set(served.waiting())
    for _ in range(300):
        data = served.huey.storage.dequeue()
        if data is None:
            break
        try:
            served.huey.execute(served.huey.deserialize_task(data))
        except ValueError:
            continue  # a damaged one; huey logs it and goes on
    photos = repository.open(album_id, "").photos
    assert [photo.number for photo in photos if photo.outcome] == [1, 2, 3]


@pytest.mark.usefixtures("album_id")
@pytest.mark.parametrize("is_in_use", [False, True])
def test_a_damaged_file_is_replaced(
    *,
    queue: AlbumQueue,
    damage: Callable[..., None],
    repository: AlbumRepository,
    worker: AlbumWorker,
    settings: Settings,
    is_in_use: bool,
) -> None:
    damage(is_in_use)
    works_again(queue if is_in_use else AlbumQueue(settings), repository, worker, settings)


def test_pages_answer_whatever_became_of_the_file(
    client: FlaskClient, damage: Callable[..., None], album_id: str
) -> None:
    damage()
    for _ in range(3):
        assert client.get(f"/albums/{album_id}").status_code == 200


def test_what_is_damaged_is_set_aside_once(settings: Settings, file: Path) -> None:
    """Two processes meet the damage; the second one takes the first one's new file."""
    queues = [AlbumQueue(settings), AlbumQueue(settings)]
    for queue in queues:
        queue.put(TASKS[:1])
        queue.huey.storage.close()
    file.write_bytes(GARBAGE)
    for queue in queues:
        queue.put(TASKS[:1])  # meets the damage
    for queue in queues:
        queue.put(TASKS[:2])
    assert [queue.length() for queue in queues] == [5, 5]
    assert file.with_name("queue.db.damaged").read_bytes().startswith(b"garbage")


@contextmanager
def locked(file: Path) -> Iterator[None]:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("begin exclusive")
    yield
    connection.execute("rollback")
    connection.close()


def test_a_locked_file_is_no_damage(queue: AlbumQueue, file: Path) -> None:
    queue.put(TASKS)
    inode = file.stat().st_ino
    with locked(file):
        queue.put(TASKS[:1])
        assert queue.huey.storage.dequeue() is None
    assert queue.length() == len(TASKS)
    assert file.stat().st_ino == inode


def test_a_full_or_readonly_disk_is_no_damage_and_no_error(
    queue: AlbumQueue, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    queue.put(TASKS)
    queue.huey.storage.close()
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", fail)
        queue.put(TASKS[:1])
        assert queue.waiting() == []
        assert queue.length() == 0
        assert queue.huey.storage.dequeue() is None
    assert queue.length() == len(TASKS)
    assert [one.name for one in file.parent.glob("*.damaged*")] == []


def test_only_the_owner_can_read_the_queue(queue: AlbumQueue, file: Path) -> None:
    file.touch(0o644)
    file.chmod(0o644)
    queue.put(TASKS)
    files = list(file.parent.glob("queue.db*"))
    assert len(files) == 3
    assert {stat.S_IMODE(one.stat().st_mode) for one in files} == {0o600}


@pytest.mark.parametrize("url", ["nonsense", "http://127.0.0.1", "redis://127.0.0.1:port"])
def test_an_address_of_the_queue_that_is_none_is_refused_at_the_start(
    settings: Settings, url: str
) -> None:
    with pytest.raises(InvalidSetting, match="AGELENS_QUEUE"):
        AlbumQueue(replace(settings, queue=url))

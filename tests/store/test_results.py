"""Results: whole or not at all, kept for a time, seen by everyone, gone without a trace."""

import errno
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from webapp.results.store.errors import StoreFull, UnknownResult
from webapp.results.store.files import translated
from webapp.results.store.folder import Folder
from webapp.results.store.result_store import MARK, NOBODY, ResultStore
from webapp.results.store.sweeper import Sweeper

HOUR = timedelta(hours=1)


def later(seconds: float) -> Callable[[], float]:
    return lambda: time.time() + seconds


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "results"


def age(folder: Path) -> None:
    """Make every file of a folder very old."""
    for file in folder.iterdir():
        os.utime(file, (0, 0))


def test_what_is_stored_can_be_read(address: str) -> None:
    store = ResultStore(address, HOUR)
    result = store.open_unchecked(store.create({"a": b"1", "b": b"2"}, NOBODY))
    assert (result.read("a"), result.read("b")) == (b"1", b"2")
    assert result.read_all(["a", "c", "b"]) == {"a": b"1", "b": b"2"}
    assert set(result.ages()) == {"a", "b", MARK}
    assert result.expires - result.created == HOUR


def test_another_machine_sees_a_result_at_once(address: str) -> None:
    here, there = ResultStore(address, HOUR), ResultStore(address, HOUR)
    assert there.ids() == []
    result_id = here.create({"a": b"1"}, NOBODY)
    assert there.ids() == [result_id]
    there.open_unchecked(result_id).add("b", b"2")
    assert here.open_unchecked(result_id).read("b") == b"2"


def test_a_result_exists_for_its_owner_alone(address: str) -> None:
    store = ResultStore(address, HOUR)
    alices, nobodys = store.create({"a": b"1"}, "alice"), store.create({"a": b"2"}, NOBODY)
    assert store.open(alices, "alice").read("a") == b"1"
    assert store.open(nobodys, NOBODY).read("a") == b"2"
    for result_id, others in ((alices, ("bob", "alic", "-", NOBODY)), (nobodys, ("alice", "bob"))):
        for other in others:
            with pytest.raises(UnknownResult) as refused:
                store.open(result_id, other)
            with pytest.raises(UnknownResult) as never:
                store.open("x" * 32, other)
            assert str(refused.value) == str(never.value)
            with pytest.raises(UnknownResult):
                store.delete(result_id, other)
        assert store.open_unchecked(result_id).read_all(["a"])
    store.delete(alices, "alice")
    with pytest.raises(UnknownResult):
        store.open_unchecked(alices)


def test_ids_are_long_and_random_in_a_folder_of_the_servers_user_alone(folder: Path) -> None:
    store = ResultStore(str(folder), HOUR)
    ids = {store.create({}, NOBODY) for _ in range(50)}
    assert len(ids) == 50
    assert all(len(one) == 32 for one in ids)  # 32 of 64 characters: 192 bits
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_an_expired_result_is_unknown_at_once_and_swept_away(address: str) -> None:
    result_id = ResultStore(address, HOUR).create({"a": b"1"}, NOBODY)
    ResultStore(address, HOUR, later(3580)).open_unchecked(result_id)
    after = ResultStore(address, HOUR, later(3601))
    with pytest.raises(UnknownResult):
        after.open_unchecked(result_id)
    after.sweep()
    assert after.ids() == []


def test_storing_costs_the_same_however_much_is_kept(folder: Path) -> None:
    """What has expired cannot be opened any more and waits for the sweeper."""
    store = ResultStore(str(folder), HOUR)
    old = store.create({"a": b"1"}, NOBODY)
    age(folder / old)
    new = store.create({"a": b"1"}, NOBODY)
    assert {path.name for path in folder.iterdir()} == {old, new}
    with pytest.raises(UnknownResult):
        store.open_unchecked(old)
    store.sweep()
    assert [path.name for path in folder.iterdir()] == [new]


def test_a_folder_that_is_just_being_filled_is_not_swept(folder: Path) -> None:
    store = ResultStore(str(folder), HOUR)

    def files() -> Iterator[tuple[str, bytes]]:
        store.sweep()
        yield "a", b"1"

    assert store.open_unchecked(store.create_from(files(), NOBODY)).read("a") == b"1"
    (folder / ("x" * 32)).mkdir()
    ResultStore(str(folder), HOUR, later(3601)).sweep()
    assert store.ids() == []


def test_a_result_without_its_mark_does_not_exist_and_is_swept(address: str) -> None:
    """So looks what a crash leaves: files without the last one."""
    store = ResultStore(address, HOUR)
    result_id = store.create({"a": b"1"}, NOBODY)
    store.drop(result_id, MARK)
    with pytest.raises(UnknownResult):
        store.open_unchecked(result_id)
    ResultStore(address, HOUR, later(3601)).sweep()
    assert store.ids() == []


def test_files_that_cannot_all_be_had_leave_nothing(address: str) -> None:
    def files() -> Iterator[tuple[str, bytes]]:
        yield "a", b"1"
        raise ConnectionResetError("the visitor went away")

    store = ResultStore(address, HOUR)
    with pytest.raises(ConnectionResetError):
        store.create_from(files(), NOBODY)
    assert store.ids() == []


def test_only_one_of_many_gets_a_claim(address: str) -> None:
    store = ResultStore(address, HOUR)
    result = store.open_unchecked(store.create({}, NOBODY))
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _: result.claim("attempt-1"), range(8)))
    assert got.count(True) == 1


def test_what_was_deleted_is_unknown_and_does_not_come_back(address: str) -> None:
    store = ResultStore(address, HOUR)
    result = store.open_unchecked(store.create({"a": b"1"}, NOBODY))
    store.delete(result.id, NOBODY)
    assert store.ids() == []
    delete_again = partial(store.delete, result.id, NOBODY)
    for use in (lambda: result.add("b", b"2"), lambda: result.claim("b"), delete_again):
        with pytest.raises(UnknownResult):
            use()
    assert store.ids() == []


@pytest.mark.parametrize(
    "result_id", ["", ".", "..", "../results", ".new-abc", "a" * 31, "a" * 33, "a" * 31 + "/"]
)
def test_an_id_that_is_none_never_reaches_the_disk(folder: Path, result_id: str) -> None:
    store = ResultStore(str(folder), HOUR)
    for use in (store.open, store.delete):
        with pytest.raises(UnknownResult):
            use(result_id, NOBODY)


class SmallDisk(Folder):
    """Has room for three files."""

    room = 3

    def write(self, path: str, data: bytes) -> None:
        self.room -= 1
        if self.room < 0:
            with translated():
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        super().write(path, data)


def test_a_full_disk_loses_nothing_that_was_there(folder: Path) -> None:
    store = ResultStore(str(folder), HOUR)
    before = store.create({"a": b"1"}, NOBODY)
    store._files = SmallDisk(folder)
    with pytest.raises(StoreFull):
        store.create({"a": b"1", "b": b"2", "c": b"3"}, NOBODY)
    with pytest.raises(StoreFull):
        store.open_unchecked(before).add("b", b"2")
    assert store.ids() == [before]
    assert set(store.open_unchecked(before).ages()) == {"a", MARK}


def test_the_sweeper_works_without_visitors(folder: Path) -> None:
    store = ResultStore(str(folder), HOUR)
    age(folder / store.create({"a": b"1"}, NOBODY))
    sweeper = Sweeper([store])
    sweeper.start()
    sweeper.stop()
    assert store.ids() == []


class FailingStore(ResultStore):
    """Fails once, in a way that nobody thought of."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder), HOUR)
        self.swept_well = threading.Event()
        self.failed = False

    def sweep(self) -> None:
        if not self.failed:
            self.failed = True
            raise RuntimeError("something strange")
        self.swept_well.set()


def test_the_sweeper_survives_whatever_fails(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = FailingStore(folder)
    sweeper = Sweeper([store], every=timedelta(milliseconds=1))
    sweeper.start()
    assert store.swept_well.wait(10)
    sweeper.stop()
    assert "trying again" in caplog.text

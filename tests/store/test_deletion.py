"""Deleted means deleted, whatever workers write at the same time: every time, everywhere."""

import os
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from webapp.results.store.errors import StoreUnavailable, UnknownResult
from webapp.results.store.folder import Folder
from webapp.results.store.result_store import NOBODY, ResultStore
from webapp.results.store.stored_result import StoredResult

HOUR = timedelta(hours=1)
DELETIONS = 100
WRITERS = 4
FILES = {f"{number:04}.original": b"x" * 2000 for number in range(20)}


def work(stored: StoredResult, number: int) -> None:
    """What workers do all the time: claim, refresh, add, drop, until the result is gone."""
    try:
        for turn in range(10**6):
            stored.claim(f"{number:04}.attempt-{turn}")
            stored.add(f"{number:04}.attempt-{turn}", b"-")
            stored.add(f"{number:04}.thumbnail.jpg", b"y" * 2000)
            stored.drop(f"{number:04}.attempt-{turn}")
    except UnknownResult:
        pass


def delete_under_writers(store: ResultStore) -> None:
    stored = store.open_unchecked(store.create(FILES, NOBODY))
    writers = [threading.Thread(target=work, args=(stored, n)) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    time.sleep(0.01)
    store.delete(stored.id, NOBODY)
    for writer in writers:
        writer.join(30)
        assert not writer.is_alive()


@pytest.mark.slow
def test_nothing_is_left_of_a_hundred_deletions_with_workers_writing(
    address: str, tmp_path: Path
) -> None:
    store = ResultStore(address, HOUR)
    for _ in range(DELETIONS):
        delete_under_writers(store)
    assert store.ids() == []
    assert store._files.moments() == {}
    folder = tmp_path / "data" / "results"
    assert not folder.exists() or list(folder.iterdir()) == []


def test_files_that_others_remove_do_not_end_a_removal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The listing names files that are gone by the time that their turn comes."""
    store = ResultStore(str(tmp_path), HOUR)
    result_id = store.create(FILES, NOBODY)
    listed = os.listdir

    def listed_with_vanished(path: Any) -> list[str]:
        names = listed(path)
        Path(path, names[0]).unlink(missing_ok=True)
        return names

    monkeypatch.setattr(os, "listdir", listed_with_vanished)
    store.delete(result_id, NOBODY)
    assert store.ids() == []


@pytest.mark.parametrize("write", ["write", "create"])
def test_a_late_write_leaves_nothing(address: str, write: str) -> None:
    """Somebody deletes a result just before a worker's write reaches the disk or bucket."""
    store = ResultStore(address, HOUR)
    result = store.open_unchecked(store.create(FILES, NOBODY))
    written = getattr(store._files, write)

    def delete_first(path: str, data: bytes) -> None:
        setattr(store._files, write, written)
        store.delete(result.id, NOBODY)
        written(path, data)

    setattr(store._files, write, delete_first)
    with pytest.raises(UnknownResult):
        {"write": result.add, "create": result.claim}[write]("late", b"photo")
    assert store.ids() == []
    assert store._files.moments() == {}


def test_a_removal_that_cannot_end_says_so_and_the_sweeper_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ResultStore(str(tmp_path), HOUR)
    result_id = store.create(FILES, NOBODY)
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "empty", lambda *_: None)
        patch.setattr(time, "sleep", lambda _: None)
        with pytest.raises(StoreUnavailable):
            store.delete(result_id, NOBODY)
    with pytest.raises(UnknownResult):
        store.open(result_id, NOBODY)
    ResultStore(str(tmp_path), HOUR, lambda: time.time() + 601).sweep()
    assert list(tmp_path.iterdir()) == []


def test_one_result_that_cannot_be_removed_keeps_no_other(tmp_path: Path) -> None:
    store = ResultStore(str(tmp_path), HOUR, lambda: time.time() + 4000)
    stuck, *_ = [store.create(FILES, NOBODY) for _ in range(5)]
    (tmp_path / stuck / "folder").mkdir()  # no file, so it cannot be unlinked
    with pytest.raises(StoreUnavailable):
        store.sweep()
    assert store.ids() == [stuck]

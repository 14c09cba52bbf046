"""Results: kept for a time, seen by every worker, gone without a trace."""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.web.fakes import FakeDetector, registry_of
from webapp.app import create_app
from webapp.settings import Settings
from webapp.web.errors import UnknownResult
from webapp.web.results import ResultStore, Sweeper

HOUR = timedelta(hours=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "results"


def later(seconds: float) -> Callable[[], float]:
    return lambda: time.time() + seconds


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_is_stored_can_be_read(folder: Path) -> None:
    store = ResultStore(folder, HOUR)
    result = store.open(store.create({"a": b"1", "b": b"2"}))
    assert (result.read("a"), result.read("b")) == (b"1", b"2")
    assert result.expires - result.created == HOUR


def test_ids_are_long_and_never_the_same(folder: Path) -> None:
    store = ResultStore(folder, HOUR)
    ids = {store.create({}) for _ in range(50)}
    assert len(ids) == 50
    assert all(len(one) == 32 for one in ids)  # 32 of 64 characters: 192 bits


def test_only_the_owner_can_look_into_a_result(folder: Path) -> None:
    result_id = ResultStore(folder, HOUR).create({"a": b"1"})
    assert stat.S_IMODE((folder / result_id).stat().st_mode) == 0o700


def test_an_expired_result_is_unknown_at_once_and_swept_away(folder: Path) -> None:
    result_id = ResultStore(folder, HOUR).create({"a": b"1"})
    ResultStore(folder, HOUR, later(3590)).open(result_id)
    after = ResultStore(folder, HOUR, later(3601))
    with pytest.raises(UnknownResult):
        after.open(result_id)
    after.sweep()
    assert names(folder) == []


def test_storing_sweeps_what_has_expired(folder: Path) -> None:
    old = ResultStore(folder, HOUR).create({"a": b"1"})
    os.utime(folder / old, (0, 0))
    new = ResultStore(folder, HOUR).create({"a": b"1"})
    assert names(folder) == [new]


def test_what_a_crash_left_half_written_is_swept_too(folder: Path) -> None:
    half = folder / ".new-abc"
    half.mkdir(parents=True)
    (half / "original").write_bytes(b"1")
    ResultStore(folder, HOUR, later(3601)).sweep()
    assert names(folder) == []


def test_the_sweeper_works_without_visitors(folder: Path) -> None:
    old = ResultStore(folder, HOUR).create({"a": b"1"})
    os.utime(folder / old, (0, 0))
    sweeper = Sweeper(ResultStore(folder, HOUR))
    sweeper.start()
    sweeper.stop()
    assert names(folder) == []


class FailingStore(ResultStore):
    """Its disk fails once."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, HOUR)
        self.swept_well = threading.Event()
        self.failed = False

    def sweep(self) -> None:
        if not self.failed:
            self.failed = True
            raise OSError("the disk is away")
        self.swept_well.set()


def test_the_sweeper_survives_a_failing_disk(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = FailingStore(folder)
    sweeper = Sweeper(store, every=timedelta(milliseconds=1))
    sweeper.start()
    assert store.swept_well.wait(10)
    sweeper.stop()
    assert "trying again" in caplog.text


@pytest.mark.parametrize(
    "result_id", ["", ".", "..", "../results", ".new-abc", "a" * 31, "a" * 33, "a" * 31 + "/"]
)
def test_an_id_that_is_none_never_reaches_the_disk(folder: Path, result_id: str) -> None:
    store = ResultStore(folder, HOUR)
    for use in (store.open, store.delete):
        with pytest.raises(UnknownResult):
            use(result_id)


def test_deleting_twice_is_an_unknown_result(folder: Path) -> None:
    store = ResultStore(folder, HOUR)
    result_id = store.create({"a": b"1"})
    store.delete(result_id)
    assert names(folder) == []
    with pytest.raises(UnknownResult):
        store.delete(result_id)


def test_a_result_survives_a_restart_and_is_seen_by_every_worker(
    analyzed: Callable[..., str], settings: Settings
) -> None:
    address = analyzed()
    other = create_app(settings, registry=registry_of(FakeDetector())).test_client()
    assert "2 faces" in other.get(address).text
    assert other.post(f"{address}/delete").status_code == 303


def test_an_expired_result_is_a_404_page(
    client: FlaskClient, analyzed: Callable[..., str], settings: Settings
) -> None:
    address = analyzed()
    os.utime(settings.data_dir / "results" / address.rsplit("/", 1)[1], (0, 0))
    for path in ("", "/photo.jpg", "/annotated.jpg", "/faces.csv"):
        assert client.get(f"{address}{path}").status_code == 404
    assert "<title>Error: " in client.get(address).text

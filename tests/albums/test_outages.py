"""An outage is not the photo's fault, and whatever runs in the background outlives it."""

import os
import time
from collections.abc import Callable

import pytest

from tests.waiting import eventually
from tests.web.fakes import FakeDetector, registry_of
from webapp.albums import lease as lease_module
from webapp.albums.album import MOST_ATTEMPTS, Failure, attempt_name, outcome_name
from webapp.albums.consumer import _patient
from webapp.albums.lease import Lease
from webapp.albums.queue import AlbumQueue
from webapp.albums.recovery import Recovery
from webapp.albums.repository import ALBUM, AlbumRepository
from webapp.albums.worker import AlbumWorker
from webapp.results.store.errors import StoreError, StoreFull, StoreUnavailable
from webapp.results.store.files import Files
from webapp.results.store.result_store import NOBODY
from webapp.settings import Settings
from webapp.vision.detectors.base import DetectionOptions
from webapp.vision.photo import Photo
from webapp.vision.types import Analysis, Detection


class Outage:
    """Files that fail while it lasts."""

    def __init__(self, files: Files, error: type[StoreError] = StoreUnavailable) -> None:
        self.files = files
        self.error = error
        self.lasts = False

    def __getattr__(self, name: str) -> Callable[..., object]:
        def use(*arguments: object) -> object:
            if self.lasts:
                raise self.error("away")
            return getattr(self.files, name)(*arguments)

        return use


@pytest.fixture
def outage(repository: AlbumRepository) -> Outage:
    found = Outage(repository.store._files)
    repository.store._files = found  # type: ignore[assignment] # it answers to every name
    return found


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease_module, "_PAUSE_SECONDS", 0.02)


class Interrupted(FakeDetector):
    """The store goes away while a photo is analysed."""

    def __init__(self, outage: Outage) -> None:
        super().__init__()
        self.outage = outage

    def detect(self, photo: Photo, options: DetectionOptions) -> list[Detection]:
        self.outage.lasts = True
        return super().detect(photo, options)


@pytest.mark.parametrize("error", [StoreUnavailable, StoreFull])
def test_outages_are_never_the_photos_fault(
    settings: Settings,
    repository: AlbumRepository,
    outage: Outage,
    album_id: str,
    error: type[StoreError],
) -> None:
    """More of them than a photo may kill workers; the attempt cannot be dropped at once."""
    outage.error = error
    worker = AlbumWorker(settings, registry_of(Interrupted(outage)), repository.store)
    for _ in range(2 * MOST_ATTEMPTS):
        with pytest.raises(error):
            worker.analyze(album_id, 1)
        outage.lasts = False
        stored = repository.store.open_unchecked(album_id)
        eventually(lambda stored=stored: attempt_name(1, 1) not in stored.ages())
    AlbumWorker(settings, registry_of(FakeDetector()), repository.store).analyze(album_id, 1)
    assert isinstance(repository.open(album_id, NOBODY).photos[0].outcome, Analysis)


@pytest.mark.parametrize(
    ("error", "is_ours"), [(StoreUnavailable("away"), False), (RuntimeError("the photo"), True)]
)
def test_an_attempt_stays_where_it_is_no_longer_ours_or_the_photo_failed(
    repository: AlbumRepository, album_id: str, error: Exception, is_ours: bool
) -> None:
    stored = repository.store.open_unchecked(album_id)
    lease = Lease(stored, attempt_name(1, 1))
    assert lease.claim()
    if not is_ours:
        stored.drop(attempt_name(1, 1))
        assert Lease(stored, attempt_name(1, 1)).claim()
    with pytest.raises(type(error)), lease:
        raise error
    assert attempt_name(1, 1) in stored.ages()


def test_a_lease_outlives_whatever_fails_and_ends_with_its_album(
    settings: Settings, repository: AlbumRepository, outage: Outage, album_id: str
) -> None:
    stored = repository.store.open_unchecked(album_id)
    name = attempt_name(1, 1)
    outage.error = RuntimeError  # type: ignore[assignment] # nobody's error
    lease = Lease(stored, name)
    assert lease.claim()
    with lease:
        outage.lasts = True
        time.sleep(0.1)
        outage.lasts = False
        os.utime(settings.data_dir / "albums" / album_id / name, (0, 0))
        eventually(lambda: stored.ages()[name] < 100)
        repository.store.delete(album_id, NOBODY)
        eventually(lambda: not lease._thread.is_alive())
    assert repository.store.ids() == []


def test_a_worker_whose_store_fails_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise StoreUnavailable("away")

    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    _patient(fail)("a" * 32, 1)
    assert len(pauses) == 1


def test_recovery_outlives_whatever_fails(
    repository: AlbumRepository,
    queue: AlbumQueue,
    outage: Outage,
    caplog: pytest.LogCaptureFixture,
    album_id: str,
) -> None:
    recovery = Recovery(repository.store, queue, pause=0.01)
    recovery.start()
    for error in (StoreUnavailable, RuntimeError):
        outage.error = error  # type: ignore[assignment] # RuntimeError is nobody's error
        caplog.clear()
        outage.lasts = True
        eventually(lambda: "trying again" in caplog.text)
        outage.lasts = False
    eventually(lambda: queue.length() == 3)
    recovery.stop()
    assert {album for album, _ in queue.waiting()} == {album_id}


@pytest.mark.parametrize("document", [b"", b"garbage", b'{"version": 2}', b'{"names": 1}'])
def test_an_album_that_cannot_be_read_costs_no_other_its_turn(
    repository: AlbumRepository, queue: AlbumQueue, album_id: str, document: bytes
) -> None:
    for _ in range(5):
        repository.store.create({ALBUM: document}, NOBODY)
    Recovery(repository.store, queue).recover()
    assert {album for album, _ in queue.waiting()} == {album_id}


@pytest.mark.parametrize(
    "document", [b"", b"garbage", b'{"version": 99}', b'{"version": 2}', b"{}"]
)
def test_an_outcome_that_cannot_be_read_is_a_failure(
    repository: AlbumRepository, album_id: str, document: bytes
) -> None:
    repository.store.add(album_id, outcome_name(2), document)
    outcome = repository.open(album_id, NOBODY).photos[1].outcome
    assert isinstance(outcome, Failure)
    assert outcome.code == "unreadable_record"


def test_an_album_from_before_there_were_versions_is_read(repository: AlbumRepository) -> None:
    names = b'{"names": ["a.jpg"], "choices": {"detector": null, "model": null, '
    names += b'"threshold": 0.5, "quarter_turns": 1}, "news": 1}'
    outcome = b'{"failure": {"code": "not_a_photo", "message": "No."}, "version": 2}'
    album = repository.store.create({ALBUM: names, outcome_name(1): outcome}, NOBODY)
    found = repository.open(album, NOBODY)
    assert (found.choices.threshold, found.photos[0].name) == (0.5, "a.jpg")
    assert found.photos[0].outcome == Failure("not_a_photo", "No.")

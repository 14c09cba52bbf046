"""A worker: every photo comes to exactly one outcome, whatever it is and however often it comes."""

import os
from pathlib import Path

from tests.web.fakes import FakeDetector, registry_of
from webapp.albums.album import (
    MOST_ATTEMPTS,
    Failure,
    annotated_name,
    attempt_name,
    outcome_name,
    thumbnail_name,
)
from webapp.albums.queue import AlbumQueue
from webapp.albums.recovery import Recovery
from webapp.albums.repository import AlbumRepository
from webapp.albums.worker import AlbumWorker
from webapp.results.store.result_store import NOBODY
from webapp.settings import Settings
from webapp.vision.detectors.base import DetectionOptions
from webapp.vision.photo import Photo
from webapp.vision.types import Analysis, Detection


def test_a_photo_gets_its_analysis_and_pictures(
    worker: AlbumWorker, repository: AlbumRepository, album_id: str
) -> None:
    worker.analyze(album_id, 1)
    album = repository.open(album_id, NOBODY)
    outcome = album.photos[0].outcome
    assert isinstance(outcome, Analysis)
    assert len(outcome.faces) == 1
    assert (album.done, album.finished) == (1, False)
    stored = repository.store.open_unchecked(album_id)
    for name in (thumbnail_name(1), annotated_name(1)):
        assert stored.read(name).startswith(b"\xff\xd8")


def test_a_photo_that_fails_says_why_and_the_rest_go_on(
    worker: AlbumWorker, repository: AlbumRepository, album_id: str
) -> None:
    for number in (1, 2, 3):
        worker.analyze(album_id, number)
    album = repository.open(album_id, NOBODY)
    assert album.finished
    assert [photo.name for photo, _ in album.successes] == ["grace.jpg", "eileen.jpg"]
    [(photo, failure)] = album.failures
    assert (photo.name, failure.code) == ("notes.txt", "not_a_photo")
    assert failure.message


def test_a_task_that_comes_twice_does_nothing(
    worker: AlbumWorker, repository: AlbumRepository, album_id: str
) -> None:
    worker.analyze(album_id, 1)
    before = repository.store.open_unchecked(album_id).read(outcome_name(1))
    worker.analyze(album_id, 1)
    assert repository.store.open_unchecked(album_id).read(outcome_name(1)) == before
    assert attempt_name(1, 2) not in repository.store.open_unchecked(album_id).ages()


def test_a_photo_under_a_fresh_lease_is_left_to_its_worker(
    worker: AlbumWorker, repository: AlbumRepository, album_id: str
) -> None:
    repository.store.open_unchecked(album_id).claim(attempt_name(1, 1))
    worker.analyze(album_id, 1)
    assert repository.open(album_id, NOBODY).done == 0


def attempts(folder: Path, number: int, count: int) -> None:
    """As if so many workers had died of a photo long ago."""
    for attempt in range(1, count + 1):
        file = folder / attempt_name(number, attempt)
        file.write_bytes(b"-")
        os.utime(file, (0, 0))


def test_a_photo_that_killed_its_worker_is_done_again_and_given_up_after_three_times(
    worker: AlbumWorker, repository: AlbumRepository, settings: Settings, album_id: str
) -> None:
    folder = settings.data_dir / "albums" / album_id
    attempts(folder, 1, MOST_ATTEMPTS - 1)
    attempts(folder, 3, MOST_ATTEMPTS)
    worker.analyze(album_id, 1)
    worker.analyze(album_id, 3)
    done, _, given_up = (photo.outcome for photo in repository.open(album_id, NOBODY).photos)
    assert isinstance(done, Analysis)
    assert isinstance(given_up, Failure)
    assert "3 times" in str(given_up)


def test_nothing_is_left_of_an_album_deleted_in_the_middle(
    settings: Settings, repository: AlbumRepository, album_id: str
) -> None:
    class DeletingDetector(FakeDetector):
        def detect(self, photo: Photo, options: DetectionOptions) -> list[Detection]:
            repository.store.delete(album_id, NOBODY)
            return super().detect(photo, options)

    registry = registry_of(DeletingDetector())
    AlbumWorker(settings, registry, repository.store).analyze(album_id, 1)
    assert repository.store.ids() == []


def test_what_the_queue_has_lost_is_queued_again_and_nothing_twice(
    worker: AlbumWorker, repository: AlbumRepository, queue: AlbumQueue, album_id: str
) -> None:
    worker.analyze(album_id, 1)
    queue.put([(album_id, 2)])
    recovery = Recovery(repository.store, queue)
    recovery.recover()
    recovery.recover()
    assert queue.length() == 2
    assert queue.waiting() == [(album_id, 2), (album_id, 3)]


def test_a_worker_understands_what_another_process_has_queued(
    worker: AlbumWorker,
    repository: AlbumRepository,
    settings: Settings,
    queue: AlbumQueue,
    album_id: str,
) -> None:
    queue.put([(album_id, 3)])
    served = AlbumQueue(settings, worker.analyze)
    assert served.waiting() == [(album_id, 3)]
    served.huey.execute(served.huey.dequeue())
    assert isinstance(repository.open(album_id, NOBODY).photos[2].outcome, Analysis)
    assert served.length() == 0

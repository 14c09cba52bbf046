"""Single photos of an album are deleted: nothing of them stays or comes back."""

import pytest

from tests.web.fakes import FakeDetector, registry_of
from webapp.albums.album import annotated_name, attempt_name, thumbnail_name
from webapp.albums.queue import AlbumQueue
from webapp.albums.recovery import Recovery
from webapp.albums.repository import ALBUM, AlbumRepository, contents, write_outcome
from webapp.albums.worker import LOST, AlbumWorker
from webapp.results.store.errors import UnknownResult
from webapp.results.store.result_store import NOBODY
from webapp.results.store.stored_result import StoredResult
from webapp.settings import Settings
from webapp.vision.detectors.base import DetectionOptions
from webapp.vision.photo import Photo
from webapp.vision.types import Detection


def test_a_photo_goes_and_the_others_keep_their_numbers(
    repository: AlbumRepository, worker: AlbumWorker, album_id: str, settings: Settings
) -> None:
    for number in (1, 2, 3):
        worker.analyze(album_id, number)
    assert repository.delete_photo(album_id, 1, NOBODY)
    album = repository.open(album_id, NOBODY)
    assert [(photo.number, photo.name) for photo in album.photos] == [
        (2, "notes.txt"),
        (3, "eileen.jpg"),
    ]
    folder = settings.data_dir / "albums" / album_id
    left = {file.name for file in folder.iterdir() if file.name.startswith("0001")}
    assert left == {"0001.attempt-1", "0001.outcome"}
    assert not any(b"grace" in file.read_bytes() for file in folder.iterdir())


def test_the_names_go_even_of_photos_that_are_deleted_at_the_same_time(
    repository: AlbumRepository, album_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = StoredResult.add

    def late(stored: StoredResult, name: str, data: bytes) -> None:
        if name == ALBUM:
            monkeypatch.undo()
            repository.delete_photo(album_id, 3, NOBODY)
        write(stored, name, data)

    monkeypatch.setattr(StoredResult, "add", late)
    repository.delete_photo(album_id, 1, NOBODY)
    names = contents(repository.store.open(album_id, NOBODY)).names
    assert names == ("", "notes.txt", "")


def test_a_photo_deleted_before_its_turn_is_not_analysed(
    repository: AlbumRepository, worker: AlbumWorker, album_id: str
) -> None:
    assert repository.delete_photo(album_id, 1, NOBODY)
    worker.analyze(album_id, 1)
    assert [photo.number for photo in repository.open(album_id, NOBODY).photos] == [2, 3]
    stored = repository.store.open(album_id, NOBODY)
    assert {name for name in stored.ages() if name.startswith("0001")} == {"0001.outcome"}


def test_a_photo_deleted_while_a_worker_is_at_it_does_not_come_back(
    settings: Settings, repository: AlbumRepository, album_id: str
) -> None:
    class DeletingDetector(FakeDetector):
        def detect(self, photo: Photo, options: DetectionOptions) -> list[Detection]:
            repository.delete_photo(album_id, 1, NOBODY)
            return super().detect(photo, options)

    registry = registry_of(DeletingDetector("mtcnn"))
    AlbumWorker(settings, registry, repository.store).analyze(album_id, 1)
    assert [photo.number for photo in repository.open(album_id, NOBODY).photos] == [2, 3]
    left = {name for name in repository.store.open(album_id, NOBODY).ages() if "0001" in name}
    assert not left & {"0001.original", "0001.thumbnail.jpg", "0001.annotated.jpg"}


def test_an_album_goes_with_its_last_photo(repository: AlbumRepository, album_id: str) -> None:
    assert [repository.delete_photo(album_id, n, NOBODY) for n in (3, 1, 2)] == [True, True, False]
    with pytest.raises(UnknownResult):
        repository.open(album_id, NOBODY)


@pytest.mark.parametrize(("number", "owner"), [(0, NOBODY), (4, NOBODY), (1, "eve")])
def test_no_other_photo_can_be_deleted(
    repository: AlbumRepository, album_id: str, number: int, owner: str
) -> None:
    with pytest.raises(UnknownResult):
        repository.delete_photo(album_id, number, owner)
    assert len(repository.open(album_id, NOBODY).photos) == 3


def test_a_deleted_photo_is_not_queued_again(
    repository: AlbumRepository, queue: AlbumQueue, album_id: str
) -> None:
    repository.delete_photo(album_id, 2, NOBODY)
    Recovery(repository.store, queue).recover()
    assert set(queue.waiting()) == {(album_id, 1), (album_id, 3)}


def test_what_a_killed_worker_leaves_of_a_deleted_photo_is_removed(
    repository: AlbumRepository, queue: AlbumQueue, album_id: str
) -> None:
    stored = repository.store.open(album_id, NOBODY)
    for number in (1, 2, 3):
        stored.claim(attempt_name(number, 1))
    for number in (2, 3):
        write_outcome(stored, number, LOST)
    repository.delete_photo(album_id, 1, NOBODY)
    recovery = Recovery(repository.store, queue)
    recovery.recover()
    stored.add(thumbnail_name(1), b"late")
    stored.add(annotated_name(1), b"late")
    recovery.recover()
    left = {name for name in stored.ages() if name.startswith("0001")}
    assert left == {"0001.attempt-1", "0001.outcome"}

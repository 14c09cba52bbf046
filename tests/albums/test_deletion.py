"""Albums that are deleted while worker processes are at them leave nothing behind."""

import random
import time
from dataclasses import replace

import pytest

from tests.albums.test_faults import workers
from tests.samples import encoded, grace_hopper
from tests.store.conftest import bucket, s3_endpoint
from tests.waiting import eventually
from webapp.albums.consumer import album_store
from webapp.albums.queue import AlbumQueue
from webapp.albums.repository import AlbumRepository
from webapp.results.schema import Choices
from webapp.results.store.result_store import NOBODY
from webapp.results.upload import Upload
from webapp.settings import Settings

__all__ = ["bucket", "s3_endpoint"]

DELETIONS = 100
PHOTOS = 4


@pytest.mark.slow
@pytest.mark.parametrize("place", ["folder", "bucket"])
def test_nothing_is_left_of_a_hundred_albums(
    settings: Settings, place: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if place == "bucket":
        address = str(request.getfixturevalue("bucket"))
        monkeypatch.setenv("AGELENS_STORE", address)
        settings = replace(settings, store=address)
    repository, queue = AlbumRepository(album_store(settings)), AlbumQueue(settings)
    uploads = [Upload(f"{n}.jpg", encoded(grace_hopper())) for n in range(PHOTOS)]
    moments = random.Random(7)  # noqa: S311 # when to delete is no secret
    done = 0
    with workers(settings.data_dir):
        first = repository.create(uploads, Choices(), NOBODY)
        queue.put((first, number) for number in range(1, PHOTOS + 1))
        eventually(lambda: repository.open(first, NOBODY).finished, 120, 0.2)
        repository.store.delete(first, NOBODY)
        for _ in range(DELETIONS):
            album_id = repository.create(uploads, Choices(), NOBODY)
            queue.put((album_id, number) for number in range(1, PHOTOS + 1))
            time.sleep(moments.uniform(0.05, 0.6))
            done += repository.open(album_id, NOBODY).done
            repository.store.delete(album_id, NOBODY)
    assert done > 0  # workers were at them
    assert repository.store.ids() == []
    assert repository.store._files.moments() == {}

"""A repository, a queue and a worker over a directory, with a fake network."""

from pathlib import Path

import pytest
from flask import Flask

from tests.samples import astronaut, encoded, grace_hopper
from tests.web.fakes import ONE_FACE, FakeDetector, app_with, registry_of
from webapp.albums.consumer import album_store
from webapp.albums.queue import AlbumQueue
from webapp.albums.repository import AlbumRepository
from webapp.albums.worker import AlbumWorker
from webapp.results.schema import Choices
from webapp.results.store.result_store import NOBODY
from webapp.results.upload import Upload
from webapp.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


@pytest.fixture
def repository(settings: Settings) -> AlbumRepository:
    return AlbumRepository(album_store(settings))


@pytest.fixture
def worker(settings: Settings, repository: AlbumRepository) -> AlbumWorker:
    registry = registry_of(FakeDetector("mtcnn", ONE_FACE))
    return AlbumWorker(settings, registry, repository.store)


@pytest.fixture
def queue(settings: Settings) -> AlbumQueue:
    return AlbumQueue(settings)


@pytest.fixture
def app(settings: Settings) -> Flask:
    return app_with(settings, FakeDetector("mtcnn", ONE_FACE))


@pytest.fixture
def album_id(repository: AlbumRepository) -> str:
    """Two photos and a file that is none."""
    uploads = [
        Upload("grace.jpg", encoded(grace_hopper())),
        Upload("notes.txt", b"not a photo at all"),
        Upload("eileen.jpg", encoded(astronaut())),
    ]
    return repository.create(uploads, Choices(), NOBODY)

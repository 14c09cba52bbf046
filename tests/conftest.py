"""What tests of several folders share: a client, a photo, a Redis."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings

from tests.samples import encoded, grace_hopper
from tests.scale.cluster import REDIS, redis_server
from tests.scale.programs import Program
from tests.servers import free_port

# A busy machine breaks no test.
hypothesis_settings.register_profile("patient", deadline=None)
hypothesis_settings.load_profile("patient")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor of the folder's own app."""
    return app.test_client()


@pytest.fixture
def portrait() -> bytes:
    return encoded(grace_hopper())


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """The file of a portrait, to be chosen in a browser or sent by a client."""
    path = tmp_path / "family.jpg"
    path.write_bytes(encoded(grace_hopper()))
    return path


@pytest.fixture
def redis_port() -> int:
    return free_port()


@pytest.fixture
def redis(redis_port: int, tmp_path: Path) -> Iterator[Program]:
    """A Redis that keeps nothing on the disk, for tests to start, kill and start again."""
    if shutil.which(REDIS) is None:
        pytest.skip("redis-server is not installed")
    server = redis_server(tmp_path, redis_port)
    yield server
    server.stop()

"""An app with a fake registry and its own data directory."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.fakes import TWO_FACES, FakeDetector, app_with
from tests.web.posts import post_photo
from webapp.settings import Settings

Analyzed = Callable[..., str]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """With a given key: the only files in the data directory are results."""
    return Settings(data_dir=tmp_path, secret_key="k" * 32)


@pytest.fixture
def detector() -> FakeDetector:
    """The default detector; finds two faces in every photo."""
    return FakeDetector("mtcnn", TWO_FACES)


@pytest.fixture
def app(settings: Settings, detector: FakeDetector) -> Flask:
    """Two detectors, of which ``haar`` never finds anything, and one network."""
    return app_with(settings, detector, FakeDetector("haar"))


@pytest.fixture
def analyzed(client: FlaskClient, portrait: bytes) -> Analyzed:
    """Posts the portrait through the page and returns the address of the result."""

    def analyze(name: str = "family.jpg", **fields: str) -> str:
        answer: TestResponse = post_photo(client, portrait, name, **fields)
        assert answer.status_code == 303
        return answer.location

    return analyze


@pytest.fixture
def address(analyzed: Analyzed) -> str:
    """The address of an analysis of the portrait."""
    return analyzed()

"""More faces than may be analysed: every answer says how many there were."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from tests.samples import grace_hopper
from tests.web.fakes import FakeDetector, app_with, registry_of
from tests.web.posts import API, post_photo, rows_of
from webapp.albums.worker import AlbumWorker
from webapp.commands.formats import FORMATS
from webapp.commands.photo_files import Outcome
from webapp.results.schema import Choices, Record
from webapp.services import services
from webapp.settings import Settings
from webapp.vision.annotate import annotate
from webapp.vision.detectors.base import DetectionOptions
from webapp.vision.photo import Photo

FIVE = tuple((0.05 + 0.18 * place, 0.2, 0.15, 0.15) for place in range(5))
SENTENCE = "5 faces were found; only the 2 surest are shown."


@pytest.fixture
def detector() -> FakeDetector:
    """Finds five faces, of which two may be analysed."""
    return FakeDetector("mtcnn", FIVE)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, secret_key="k" * 32, max_faces=2)


def test_the_api_says_how_many_were_found(client: FlaskClient, portrait: bytes) -> None:
    document = post_photo(client, portrait, to=API).get_json()
    assert (document["faces_found"], len(document["faces"])) == (5, 2)


def test_the_page_and_its_downloads_say_so(client: FlaskClient, address: str) -> None:
    page = client.get(address).text
    assert "<title>2 of 5 faces in family.jpg" in page
    assert SENTENCE in page
    assert client.get(f"{address}/analysis.json").get_json()["faces_found"] == 5
    rows = rows_of(client, address)
    assert [row["faces_found"] for row in rows] == ["5", "5"]


def test_a_page_that_shows_all_says_nothing_of_it(settings: Settings, portrait: bytes) -> None:
    client = app_with(settings, FakeDetector("mtcnn", FIVE[:2])).test_client()
    page = client.get(post_photo(client, portrait).location).text
    assert "<title>2 faces in family.jpg" in page
    assert "were found" not in page


def test_the_comparison_says_so(client: FlaskClient, portrait: bytes) -> None:
    address = post_photo(client, portrait, to="/compare").location
    assert "2 of 5 faces" in client.get(address).text
    document = client.get(f"{address}/comparison.json").get_json()
    assert [one["faces_found"] for one in document["analyses"]] == [5, 0]


def test_an_album_says_so(app: Flask, settings: Settings, portrait: bytes) -> None:
    client = app.test_client()
    address = post_photo(client, portrait, "crowd.jpg", to="/albums").location
    parts = services(app)
    album_id = address.rsplit("/", 1)[1]
    AlbumWorker(settings, parts.registry, parts.albums.repository.store).analyze(album_id, 1)
    page = client.get(address).text
    assert "<h1>2 of 5 faces" in page
    assert f"<strong>crowd.jpg</strong>: {SENTENCE}" in page
    assert client.get(f"{address}/album.json").get_json()["photos"][0]["faces_found"] == 5


def test_the_drawing_says_so_at_the_bottom_left() -> None:
    photo = Photo.of(np.asarray(Image.fromarray(grace_hopper())))
    registry = registry_of(FakeDetector("mtcnn", FIVE[:2]))
    analysis = registry.analyzer().analyze(photo, DetectionOptions())
    all_shown = annotate(photo, analysis).pixels
    cut = annotate(photo, replace(analysis, faces_left_out=3)).pixels
    changed = np.argwhere((all_shown != cut).any(axis=2))
    height, width = all_shown.shape[:2]
    assert changed.size
    assert changed[:, 0].min() > 0.9 * height
    assert changed[:, 1].max() < width / 2


@pytest.mark.parametrize(
    ("format", "told"),
    [("text", "2 of 5 faces"), ("json", '"faces_found": 5'), ("csv", ",faces_found")],
)
def test_the_command_line_says_so(detector: FakeDetector, format: str, told: str) -> None:
    photo = Photo.of(grace_hopper())
    analysis = registry_of(detector).analyzer().analyze(photo, DetectionOptions(maximum_faces=2))
    lines = FORMATS[format]([Outcome(Path("crowd.jpg"), analysis)])
    assert told in "\n".join(lines)


def test_a_record_from_before_is_read(detector: FakeDetector) -> None:
    analysis = registry_of(detector).analyzer().analyze(Photo.of(grace_hopper()))
    document = json.loads(Record("a.jpg", Choices(), analysis).to_json())
    del document["analysis"]["faces_left_out"]
    assert Record.from_json(json.dumps(document).encode()).analysis == analysis

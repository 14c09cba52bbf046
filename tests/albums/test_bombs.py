"""ZIP bombs sent to the app are refused with the right status, and nothing of them is kept."""

import pytest
from flask.testing import FlaskClient

from tests.albums.zips import bomb_of, overlapping, zip_of
from tests.web.fakes import FakeDetector, registry_of
from tests.web.posts import post_photo
from webapp.app import create_app
from webapp.settings import Settings

TEN_GIGABYTES = 10 * 2**30


@pytest.fixture
def client(settings: Settings) -> FlaskClient:
    return create_app(settings, registry=registry_of(FakeDetector())).test_client()


@pytest.mark.parametrize(
    ("bomb", "status", "code"),
    [
        pytest.param(bomb_of(TEN_GIGABYTES), 413, "album_too_large", id="one entry of 10 GB"),
        pytest.param(bomb_of(2**30, 10), 413, "album_too_large", id="ten entries"),
        pytest.param(bomb_of(2**30, 1000, shared=True), 413, "album_too_large", id="a terabyte"),
        pytest.param(bomb_of(500 * 2**20), 422, "archive_refused", id="within the bytes"),
        pytest.param(
            overlapping(zip_of({"a.jpg": b"x", "b.jpg": b"x"})),
            422,
            "archive_refused",
            id="overlapping within all limits",
        ),
    ],
)
def test_a_bomb_is_refused(
    client: FlaskClient, settings: Settings, bomb: bytes, status: int, code: str
) -> None:
    answer = post_photo(client, bomb, "holiday.zip", to="/api/v1/albums")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (status, code)
    assert post_photo(client, bomb, "holiday.zip", to="/albums").status_code == status
    assert not list((settings.data_dir / "albums").glob("*"))

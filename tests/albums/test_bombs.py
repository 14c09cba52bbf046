"""ZIP bombs sent to the app are refused with the right status, and nothing of them is kept."""

import pytest
from flask.testing import FlaskClient

from tests.albums.zips import bomb_of, overlapping, zip_of
from tests.web.posts import post_photo
from webapp.settings import Settings

TEN_GIGABYTES = 10 * 2**30


TOO_LARGE, REFUSED = (413, "album_too_large"), (422, "archive_refused")
BOMBS = {
    "one entry of 10 GB": (bomb_of(TEN_GIGABYTES), TOO_LARGE),
    "ten entries": (bomb_of(2**30, 10), TOO_LARGE),
    "a terabyte": (bomb_of(2**30, 1000, shared=True), TOO_LARGE),
    "within the bytes": (bomb_of(500 * 2**20), REFUSED),
    "overlapping": (overlapping(zip_of({"a.jpg": b"x", "b.jpg": b"x"})), REFUSED),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_refused(client: FlaskClient, settings: Settings, kind: str) -> None:
    bomb, refusal = BOMBS[kind]
    answer = post_photo(client, bomb, "holiday.zip", to="/api/v1/albums")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == refusal
    assert post_photo(client, bomb, "holiday.zip", to="/albums").status_code == refusal[0]
    assert not list((settings.data_dir / "albums").glob("*"))

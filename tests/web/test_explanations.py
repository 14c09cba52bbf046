"""Why: a page that says where in a face's crop the answers come from, and its two pictures."""

import io
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from tests.web.fakes import FakeDetector, FakeEstimator, registry_of
from tests.web.posts import picture_of, post_photo, submit
from webapp.app import create_app
from webapp.settings import Settings


def test_the_page_names_both_answers_and_shows_both_maps(client: FlaskClient, address: str) -> None:
    page = client.get(f"{address}/faces/1/why").text
    assert "Age: 25-32" in page
    assert "Gender: male" in page
    assert "not what makes a person look old" in page
    crop = picture_of(client, f"{address}/faces/1.jpg")
    for task in ("age", "gender"):
        assert f"{address}/faces/1/why-{task}.jpg" in page
        picture = client.get(f"{address}/faces/1/why-{task}.jpg")
        assert Image.open(io.BytesIO(picture.data)).size == crop.size


def test_the_result_leads_to_it(client: FlaskClient, address: str) -> None:
    assert f'href="{address}/faces/2/why"' in client.get(address).text


def test_it_is_computed_once(
    client: FlaskClient, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = client.get(f"{address}/faces/1/why").text
    monkeypatch.delattr(FakeEstimator, "estimate")
    assert client.get(f"{address}/faces/1/why").text.split("<main")[1] == first.split("<main")[1]
    assert client.get(f"{address}/faces/1/why-age.jpg").status_code == 200


@pytest.mark.parametrize("face", ["0", "3", "999999"])
def test_of_a_face_that_is_not_there_nothing_is_told(
    client: FlaskClient, address: str, face: str
) -> None:
    for page in ("why", "why-age.jpg"):
        assert client.get(f"{address}/faces/{face}/{page}").status_code == 404
    assert client.get(f"{address}/faces/1/why-height.jpg").status_code == 404


def test_a_corrected_face_is_explained_anew(client: FlaskClient, address: str) -> None:
    before = client.get(f"{address}/faces/1/why-age.jpg").data
    box = {"face": "1", "x": "100", "y": "50", "width": "200", "height": "240"}
    new = submit(client, f"{address}/faces", box).location
    after = client.get(f"{new}/faces/1/why-age.jpg").data
    assert Image.open(io.BytesIO(after)).size == (200, 240)
    assert after != before


def test_it_counts_as_work(settings: Settings, portrait: bytes) -> None:
    app: Flask = create_app(
        replace(settings, rate="2/hour"),
        registry=registry_of(FakeDetector(shares=((0.3, 0.2, 0.3, 0.3),))),
    )
    client = app.test_client()
    address = post_photo(client, portrait).location
    assert [client.get(f"{address}/faces/1/why").status_code for _ in range(2)] == [200, 429]

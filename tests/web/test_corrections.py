"""Faces corrected by hand: estimated, marked as such, and followed by everything downloaded."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from tests.samples import encoded, grace_hopper
from tests.web.conftest import Analyzed
from tests.web.fakes import TWO_FACES, FakeDetector, registry_of
from tests.web.posts import picture_of, post_photo, rows_of, submit
from webapp.app import create_app
from webapp.settings import Settings

BOX = {"x": "100", "y": "50", "width": "200", "height": "240"}


def correct(client: FlaskClient, address: str, **fields: str) -> TestResponse:
    return submit(client, f"{address}/faces", fields)


def corrected(client: FlaskClient, address: str, **fields: str) -> str:
    """Correct an analysis; the address of what came of it."""
    answer = correct(client, address, **fields)
    assert answer.status_code == 303, answer.text
    return answer.location


def faces_of(client: FlaskClient, address: str) -> list[dict[str, Any]]:
    faces: list[dict[str, Any]] = document_of(client, address)["faces"]
    return faces


def document_of(client: FlaskClient, address: str) -> dict[str, Any]:
    document: dict[str, Any] = client.get(f"{address}/analysis.json").get_json(force=True)
    return document


def test_a_face_that_was_missed_is_added_and_marked_as_drawn(
    client: FlaskClient, analyzed: Analyzed
) -> None:
    address = analyzed(detector="haar")
    new = corrected(client, address, face="", **BOX)
    [face] = faces_of(client, new)
    assert face["box"] == {"x": 100, "y": 50, "width": 200, "height": 240}
    assert face["detection_confidence"] is None
    assert face["age"]["bucket"] == "25-32"
    assert document_of(client, new)["corrected"] is True
    page = client.get(new).text
    assert "1 face" in page
    assert "drawn by hand" in page
    assert "your corrections stay in this analysis" in page
    assert "your corrections" not in client.get(address).text
    crop = picture_of(client, f"{new}/faces/1.jpg")
    assert crop.size == (200, 240)


def test_a_moved_face_keeps_its_number_and_the_others_their_crops(
    client: FlaskClient, address: str
) -> None:
    second = client.get(f"{address}/faces/2.jpg").data
    new = corrected(client, address, face="1", **BOX)
    first, other = faces_of(client, new)
    assert first["box"] == {"x": 100, "y": 50, "width": 200, "height": 240}
    assert first["detection_confidence"] is None
    assert other == faces_of(client, address)[1]
    assert client.get(f"{new}/faces/2.jpg").data == second
    assert client.get(f"{new}/photo.jpg").data == client.get(f"{address}/photo.jpg").data


def test_a_false_face_is_removed_from_everything(client: FlaskClient, address: str) -> None:
    second = client.get(f"{address}/faces/2.jpg").data
    new = corrected(client, address, face="1", remove="1")
    assert faces_of(client, new) == faces_of(client, address)[1:]
    assert client.get(f"{new}/faces/1.jpg").data == second
    assert client.get(f"{new}/faces/2.jpg").status_code == 404
    rows = rows_of(client, new)
    assert [row["faces_found"] for row in rows] == ["1"]
    assert client.get(f"{new}/annotated.png").data != client.get(f"{address}/annotated.png").data


def test_what_the_detector_found_stays_and_further_corrections_change_one_run(
    client: FlaskClient, address: str
) -> None:
    before = document_of(client, address)
    first = corrected(client, address, face="2", remove="1")
    picture = client.get(f"{first}/annotated.png").data
    second = corrected(client, first, face="", **BOX)
    assert first == second == f"{address}/runs/2"
    assert [face["box"]["x"] for face in faces_of(client, second)] == [179, 100]
    assert client.get(f"{second}/annotated.png").data != picture
    assert document_of(client, address) == before
    third = corrected(client, address, face="1", remove="1")
    assert third == f"{address}/runs/3"


def test_the_last_face_can_be_removed_and_another_one_drawn(
    client: FlaskClient, address: str
) -> None:
    for _ in range(2):
        address = corrected(client, address, face="1", remove="1")
    assert "No faces" in client.get(address).text
    address = corrected(client, address, **BOX)
    assert len(faces_of(client, address)) == 1


def test_boxes_are_those_of_the_turned_photo(client: FlaskClient, analyzed: Analyzed) -> None:
    address = analyzed(turn="1", detector="haar")
    new = corrected(client, address, x="500", y="400", width="100", height="100")
    assert faces_of(client, new)[0]["box"] == {"x": 500, "y": 400, "width": 100, "height": 100}
    crop = picture_of(client, f"{new}/faces/1.jpg").convert("RGB")
    # A quarter turn clockwise brings the upper left to the upper right.
    turned = Image.fromarray(grace_hopper()).rotate(-90, expand=True).crop((500, 400, 600, 500))
    assert crop.resize((1, 1)).getpixel((0, 0)) == pytest.approx(
        turned.resize((1, 1)).getpixel((0, 0)), abs=8
    )


def test_a_box_is_clipped_to_the_photo(client: FlaskClient, address: str) -> None:
    new = corrected(client, address, x="-50", y="-20", width="200", height="9000")
    assert faces_of(client, new)[-1]["box"] == {"x": 0, "y": 0, "width": 150, "height": 600}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {**BOX, "x": "a"},
        {**BOX, "width": ""},
        {**BOX, "width": "7"},
        {**BOX, "width": "-200"},
        {**BOX, "x": "512"},
        {**BOX, "x": "9" * 5000},
        {**BOX, "face": "3"},
        {**BOX, "face": "0"},
        {**BOX, "face": "x"},
        {**BOX, "colour": "blue"},
        {"remove": "1"},
        {"remove": "1", "face": "3"},
    ],
    ids=str,
)
def test_what_cannot_be_done_is_refused_and_changes_nothing(
    client: FlaskClient, address: str, fields: dict[str, str]
) -> None:
    assert correct(client, address, **fields).status_code == 422
    assert client.get(f"{address}/runs/2").status_code == 404


def test_no_more_faces_than_the_server_analyses(settings: Settings, portrait: bytes) -> None:
    registry = registry_of(FakeDetector("mtcnn", TWO_FACES))
    client = create_app(replace(settings, max_faces=2), registry=registry).test_client()
    address = post_photo(client, portrait).location
    assert "already 2 faces" in correct(client, address, **BOX).text
    assert correct(client, address, face="2", **BOX).status_code == 303


def test_an_upload_that_is_no_photo_has_nothing_to_correct(app: Flask) -> None:
    client = app.test_client()
    comparison = post_photo(client, encoded(grace_hopper()), to="/compare").location
    address = comparison.replace("/compare/", "/analyses/")
    assert correct(client, address, **BOX).status_code == 404

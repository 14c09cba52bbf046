"""However a program likes to send a photo and to be answered, it works or is told what to send."""

import csv
import io
from base64 import b64encode, encodebytes, urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from tests.samples import grace_hopper
from tests.web.fakes import FakeDetector
from tests.web.posts import API, post_photo
from webapp.results.schema import SELECTABLE
from webapp.settings import Settings
from webapp.vision.annotate import AZURE

WAYS: dict[str, Callable[[bytes], str]] = {
    "base64": lambda data: b64encode(data).decode(),
    "base64 with line breaks": lambda data: encodebytes(data).decode(),
    "base64 for addresses, unpadded": lambda data: urlsafe_b64encode(data).decode().rstrip("="),
    "a data URI": lambda data: "data:image/jpeg;base64," + b64encode(data).decode(),
    "a data URI with a name": lambda d: "data:image/jpeg;name=a;base64," + b64encode(d).decode(),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_photo_comes_in_json(client: FlaskClient, portrait: bytes, way: str) -> None:
    answer = client.post(API, json={"photo": WAYS[way](portrait), "detector": None})
    assert answer.status_code == 200
    height, width = grace_hopper().shape[:2]
    document = answer.get_json()
    assert (document["width"], document["height"]) == (width, height)
    assert document["faces_found"] == 2


@pytest.mark.parametrize("threshold", [0.25, "0.25"])
def test_options_stand_beside_a_photo_in_json(
    client: FlaskClient, portrait: bytes, detector: FakeDetector, threshold: object
) -> None:
    sent = {"photo": b64encode(portrait).decode(), "threshold": threshold, "turn": 1}
    answer = client.post(API, json=sent)
    assert answer.status_code == 200
    assert answer.get_json()["quarter_turns"] == 1
    assert detector.asked[-1][1].threshold == 0.25


def test_a_photo_in_json_may_be_as_large_as_any_other(
    client: FlaskClient, portrait: bytes, settings: Settings
) -> None:
    largest = portrait + bytes(settings.max_bytes - len(portrait))
    assert client.post(API, json={"photo": b64encode(largest).decode()}).status_code == 200
    answer = client.post(API, json={"photo": b64encode(largest + b"x").decode()})
    assert answer.get_json()["error"]["code"] == "photo_too_large"


SLIPS: dict[str, tuple[bytes, int, str]] = {
    "no JSON": (b"photo=x", 400, "is not valid JSON"),
    "a photo itself": (b"\xff\xd8\xff" + b"," * 500, 400, "is not valid JSON"),
    "half of JSON": (b'{"photo": "aGVs', 400, "is not valid JSON"),
    "nothing": (b"", 400, "is not valid JSON"),
    "no UTF-8": (b'{"photo": "\xff"}', 400, "is not valid JSON"),
    "brackets": (b'{"photo": "aGVsbG8=", "turn": ' + b"[" * 50_000, 400, "is not valid JSON"),
    "lists": (
        b'{"photo": "aGVsbG8=", "turn": [' + b"[]," * 200 + b"[]]}",
        422,
        "more than a photo",
    ),
    "a list": (b"[]", 400, "is JSON but no object"),
    "another field": (b'{"image": "aGVsbG8="}', 400, "in the field “photo”, not in “image”"),
    "a number": (b'{"photo": 5}', 400, "as text in base64 in the field “photo”"),
    "no photo": (b'{"photo": null}', 400, "as text in base64 in the field “photo”"),
    "an address": (b'{"photo": "https://example.org/a.jpg"}', 400, "not fetched from addresses"),
    "a file's name": (b'{"photo": "family.jpg"}', 400, "no base64"),
    "letters": ('{"photo": "Größe"}'.encode(), 400, "no base64"),
    "a data URI of text": (b'{"photo": "data:image/svg+xml,%3Csvg/%3E"}', 400, ";base64,"),
    "no photo in base64": (b'{"photo": "aGVsbG8="}', 415, "photo"),
    "an empty photo": (b'{"photo": ""}', 400, "empty"),
    "an unknown field": (b'{"photo": "aGVsbG8=", "size": 1}', 422, "no field “size”"),
    "a list of turns": (b'{"photo": "aGVsbG8=", "turn": [1]}', 422, "“turn” must be text"),
    "a truth": (b'{"photo": "aGVsbG8=", "threshold": true}', 422, "“threshold” must be text"),
    "a threshold": (b'{"photo": "aGVsbG8=", "threshold": 7}', 422, "from 0 to 1"),
}


@pytest.mark.parametrize("option", ["threshold", "turn", "detector", "model", "fields", "no_such"])
def test_a_long_value_is_not_repeated_at_length(
    client: FlaskClient, portrait: bytes, option: str
) -> None:
    answer = post_photo(client, portrait, to=API, **{option: "9" * 50_000})
    assert answer.status_code == 422
    assert len(answer.data) < 1000


@pytest.mark.parametrize("kind", SLIPS)
def test_a_slip_in_json_is_told_what_to_send(client: FlaskClient, kind: str) -> None:
    body, status, words = SLIPS[kind]
    answer = client.post(API, data=body, content_type="application/json")
    message = answer.get_json()["error"]["message"]
    assert answer.status_code == status
    assert words in message
    assert message.endswith(".")


def bodies(portrait: bytes) -> list[dict[str, Any]]:
    return [
        {"data": portrait, "content_type": "image/jpeg"},
        {"json": {"photo": b64encode(portrait).decode()}},
        {"data": {"photo": (io.BytesIO(portrait), "a.jpg")}},
    ]


def test_options_may_stand_in_the_address_however_the_photo_is_sent(
    client: FlaskClient, portrait: bytes
) -> None:
    for body in bodies(portrait):
        answer = client.post(f"{API}?detector=haar&turn=2&threshold=", **body)
        assert answer.get_json()["detector"] == "haar"
        assert answer.get_json()["quarter_turns"] == 2


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("detektor=haar", "no field “detektor”; choose from detector, model"),
        ("photo=a.jpg", "no field “photo”"),
        ("turn=1&turn=2", "“turn” was sent with more than one value"),
        ("turn=7", "auto, 0, 1, 2 or 3"),
        ("fields=faces.agee", "no “faces.agee”; choose from photo, width"),
    ],
)
def test_a_slip_in_the_address_is_told(
    client: FlaskClient, portrait: bytes, query: str, words: str
) -> None:
    for body in bodies(portrait):
        answer = client.post(f"{API}?{query}", **body)
        assert answer.status_code == 422
        assert words in answer.get_json()["error"]["message"]


def test_an_option_with_two_values_is_refused_and_with_one_twice_is_not(
    client: FlaskClient, portrait: bytes
) -> None:
    answer = post_photo(client, portrait, to=f"{API}?turn=1", turn="2")
    assert answer.status_code == 422
    assert post_photo(client, portrait, to=f"{API}?turn=1", turn="1").status_code == 200


def post(client: FlaskClient, portrait: bytes, accept: str = "", query: str = "") -> TestResponse:
    """Send a photo as the body and say what may come back."""
    headers = {"Accept": accept}
    return client.post(f"{API}?{query}", data=portrait, content_type="image/png", headers=headers)


def test_less_can_be_asked_for(client: FlaskClient, portrait: bytes) -> None:
    document = post(client, portrait, query="fields=faces.age, faces.gender,photo").get_json()
    assert list(document) == ["photo", "faces"]
    assert [list(face) for face in document["faces"]] == [["age", "gender"]] * 2
    assert document["faces"][0]["age"]["bucket"] == "25-32"


def test_whatever_an_answer_has_can_be_asked_for(client: FlaskClient, portrait: bytes) -> None:
    whole = post_photo(client, portrait, to=API).get_json()
    parts = post_photo(client, portrait, to=API, fields=",".join(SELECTABLE)).get_json()
    del whole["timings_ms"], parts["timings_ms"]
    assert parts == whole
    assert set(whole) <= set(SELECTABLE)


def test_faces_come_as_csv(client: FlaskClient, portrait: bytes) -> None:
    answer = post(client, portrait, "text/csv")
    assert answer.content_type == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["face"] for row in rows] == ["1", "2"]
    assert rows[0]["age_bucket"] == "25-32"


@pytest.mark.parametrize("accepted", ["image/jpeg", "image/*;q=0.9, text/html"])
def test_the_annotated_picture_comes_straight_back(
    client: FlaskClient, portrait: bytes, accepted: str
) -> None:
    answer = post(client, portrait, accepted, "turn=1")
    assert answer.content_type == "image/jpeg"
    picture = Image.open(io.BytesIO(answer.data))
    assert picture.size == grace_hopper().shape[:2]  # on its side
    blue = np.abs(np.asarray(picture).astype(int) - AZURE).max(axis=2) < 12
    assert blue.any()


@pytest.mark.parametrize(
    "accepted",
    [
        *("*/*", "application/json", "text/html, */*;q=0.1", "application/*", ""),
        *("application/json; charset=utf-8", "application/json;version=1;q=0.9, text/csv;q=0.1"),
    ],
)
def test_json_is_what_all_others_get(client: FlaskClient, portrait: bytes, accepted: str) -> None:
    answer = post(client, portrait, accepted)
    assert (answer.status_code, answer.content_type) == (200, "application/json")


def test_who_accepts_nothing_that_there_is_is_told_what_there_is(
    client: FlaskClient, portrait: bytes
) -> None:
    answer = post(client, portrait, "application/xml")
    assert answer.status_code == 406
    assert "application/json, text/csv, image/jpeg" in answer.get_json()["error"]["message"]


def test_fields_are_for_json(client: FlaskClient, portrait: bytes) -> None:
    answer = post(client, portrait, "text/csv", "fields=faces")
    assert answer.status_code == 422
    assert "is for JSON" in answer.get_json()["error"]["message"]

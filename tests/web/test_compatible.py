"""CompreFace's and DeepFace's requests are answered in their form, where a setting asks for it."""

import io
from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.accounts.conftest import users_in
from tests.web.fakes import FakeDetector, app_with
from webapp.settings import InvalidSetting, Settings
from webapp.web.accounts.tokens import TokenFile

DETECT, ANALYZE = "/api/v1/detection/detect", "/analyze"
SMALL_AND_LARGE = ((0.05, 0.5, 0.1, 0.1), (0.35, 0.15, 0.3, 0.3))
BOTH = ("compreface", "deepface")


def app_of(settings: Settings) -> Flask:
    found = FakeDetector("mtcnn", SMALL_AND_LARGE)
    return app_with(settings, found, FakeDetector("haar"))


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, compatible=BOTH)


@pytest.fixture
def client(settings: Settings) -> FlaskClient:
    return app_of(settings).test_client()


def detect(client: FlaskClient, photo: bytes, query: str = "") -> TestResponse:
    return client.post(f"{DETECT}?{query}", data={"file": (io.BytesIO(photo), "a.jpg")})


def analyze(client: FlaskClient, photo: bytes, **fields: object) -> TestResponse:
    return client.post(ANALYZE, json={"img": b64encode(photo).decode(), **fields})


def test_both_are_off_unless_asked_for(settings: Settings, portrait: bytes) -> None:
    for setting, found in (((), (404, 404)), (("deepface",), (404, 200))):
        client = app_of(replace(settings, compatible=setting)).test_client()
        statuses = (detect(client, portrait).status_code, analyze(client, portrait).status_code)
        assert statuses == found


def test_the_setting_is_a_list_of_known_names() -> None:
    read = Settings.from_environment({"AGELENS_COMPATIBLE": "deepface, compreface"})
    assert read.compatible == ("deepface", "compreface")
    with pytest.raises(InvalidSetting, match="AGELENS_COMPATIBLE"):
        Settings.from_environment({"AGELENS_COMPATIBLE": "rekognition"})


def test_compreface_gives_boxes_the_largest_first(client: FlaskClient, portrait: bytes) -> None:
    faces = detect(client, portrait).get_json()["result"]
    assert [list(face) for face in faces] == [["box"]] * 2
    widths = [face["box"]["x_max"] - face["box"]["x_min"] for face in faces]
    assert widths == sorted(widths, reverse=True)
    assert faces[0]["box"]["probability"] == 0.9987
    assert len(detect(client, portrait, "limit=1").get_json()["result"]) == 1


def test_compreface_gives_what_its_plugins_name(client: FlaskClient, portrait: bytes) -> None:
    answer = detect(client, portrait, "face_plugins=age,gender,landmarks&status=true").get_json()
    face = answer["result"][1]
    assert face["age"] == {"probability": 0.73, "high": 32, "low": 25}
    assert face["gender"] == {"probability": 0.98, "value": "male"}
    assert len(face["landmarks"]) == 5
    assert set(face["execution_time"]) == {"detector", "age", "gender"}
    assert answer["plugins_versions"] == {"detector": "mtcnn", "age": "cydral", "gender": "cydral"}


@pytest.mark.parametrize("query", ["?&limit=1&status=True", "status=false?limit=1"])
def test_compreface_reads_addresses_as_its_sdks_write_them(
    client: FlaskClient, portrait: bytes, query: str
) -> None:
    answer = detect(client, portrait, query).get_json()
    assert len(answer["result"]) == 1
    assert ("plugins_versions" in answer) == ("True" in query)


def test_compreface_takes_base64(client: FlaskClient, portrait: bytes) -> None:
    for begin in ("", "data:image/jpeg;base64,"):
        answer = client.post(DETECT, json={"file": begin + b64encode(portrait).decode()})
        assert len(answer.get_json()["result"]) == 2


def test_no_face_is_compreface_s_error_28(settings: Settings, portrait: bytes) -> None:
    client = app_with(settings).test_client()
    answer = detect(client, portrait)
    assert answer.status_code == 400
    assert answer.get_json()["code"] == 28
    assert set(answer.get_json()) == {"code", "message"}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("face_plugins=age,calculator", "no “calculator”; it answers to age, gender, landmarks"),
        ("face_plugins=mask", "no “mask”"),
        ("limit=-1", "whole number"),
        ("limit=%D9%A3", "whole number"),
        ("det_prob_threshold=2", "from 0 to 1"),
        ("status=perhaps", "neither true nor false"),
    ],
)
def test_what_compreface_could_and_agelens_cannot_is_an_error_in_its_form(
    client: FlaskClient, portrait: bytes, query: str, words: str
) -> None:
    answer = detect(client, portrait, query)
    assert answer.status_code == 422
    assert answer.get_json()["code"] == 422
    assert words in answer.get_json()["message"]


NO_UTF8 = {"data": b'{"file": "\xff"}', "content_type": "application/json"}


@pytest.mark.parametrize("body", [{}, {"data": {}}, {"json": {"file": 5}}, {"json": []}, NO_UTF8])
def test_a_request_without_a_photo_is_an_error_in_their_forms(
    client: FlaskClient, body: dict[str, Any]
) -> None:
    answer = client.post(DETECT, **body)
    assert (answer.status_code, set(answer.get_json())) == (400, {"code", "message"})
    answer = client.post(ANALYZE, **body)
    assert (answer.status_code, set(answer.get_json())) == (400, {"error"})


def test_a_key_of_compreface_is_a_token(settings: Settings, portrait: bytes) -> None:
    users = users_in(settings.data_dir)
    token = TokenFile.beside(users).create("bridge", "alice")
    client = app_of(replace(settings, users=users)).test_client()
    answer = detect(client, portrait)
    assert (answer.status_code, answer.get_json()["code"]) == (401, 401)
    assert analyze(client, portrait).status_code == 401
    for headers in ({"x-api-key": token}, {"Authorization": f"Bearer {token}"}):
        body = {"file": b64encode(portrait).decode(), "img": b64encode(portrait).decode()}
        for to in (DETECT, ANALYZE):
            assert client.post(to, json=body, headers=headers).status_code == 200
    # Our own API knows one header only.
    answer = client.post("/api/v1/analyses", json=body, headers={"x-api-key": token})
    assert answer.status_code == 401


def test_deepface_gives_its_results(client: FlaskClient, portrait: bytes) -> None:
    answer = analyze(client, portrait, actions=["age", "gender"], detector_backend="mtcnn")
    first, second = answer.get_json()["results"]
    assert first["age"] == 28
    assert first["dominant_gender"] == "Man"
    assert first["gender"] == pytest.approx({"Woman": 2, "Man": 98})
    assert first["face_confidence"] == 1.0
    region = first["region"]
    assert set(region) == {"x", "y", "w", "h", "left_eye", "right_eye"}
    assert region["left_eye"][0] > region["right_eye"][0]
    assert second["age"] == 28  # the middle of 25-32, from a network that knows no years


def test_deepface_takes_forms_with_a_file(client: FlaskClient, portrait: bytes) -> None:
    form = {"img": (io.BytesIO(portrait), "a.jpg"), "actions": '["age"]', "align": "true"}
    results = client.post(ANALYZE, data=form).get_json()["results"]
    assert "age" in results[0]
    assert "gender" not in results[0]


def test_no_face_is_deepface_s_error_unless_it_is_not_enforced(
    client: FlaskClient, portrait: bytes
) -> None:
    answer = analyze(client, portrait, detector_backend="opencv")
    assert answer.status_code == 400
    assert "no face" in answer.get_json()["error"]
    answer = analyze(client, portrait, detector_backend="opencv", enforce_detection=False)
    assert answer.get_json() == {"results": []}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"actions": ["age", "emotion"]}, "no “emotion”; it answers to age, gender"),
        ({"actions": "race"}, "no “race”"),
        ({"actions": 5}, "list of words"),
        ({"detector_backend": "ssd"}, "no “ssd”; it answers to retinaface, mtcnn, opencv, dlib"),
        ({"anti_spoofing": True}, "anti_spoofing"),
        ({"img": "https://example.org/a.jpg"}, "not fetched from addresses"),
        ({"img": "aGVsbG8="}, "photo"),
    ],
)
def test_what_deepface_could_and_agelens_cannot_is_an_error_in_its_form(
    client: FlaskClient, portrait: bytes, fields: dict[str, object], words: str
) -> None:
    answer = client.post(ANALYZE, json={"img": b64encode(portrait).decode(), **fields})
    assert answer.status_code == 400
    assert list(answer.get_json()) == ["error"]
    assert words in answer.get_json()["error"]


def test_pages_of_other_sites_are_refused_as_ever(client: FlaskClient) -> None:
    for to in (DETECT, ANALYZE):
        answer = client.post(to, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403
        assert answer.is_json

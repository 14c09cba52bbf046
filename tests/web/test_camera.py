"""The camera's page and the frames that it asks about: counted apart, kept nowhere, in a hurry."""

import threading

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.samples import encoded, enlarged, grace_hopper
from tests.waiting import PATIENCE
from tests.web.fakes import WaitingDetector, app_with
from tests.web.posts import API, PAGE, post_photo, token_of
from webapp.services import services
from webapp.settings import Settings
from webapp.web.rate_limits import rate_of_frames

FRAME = encoded(enlarged(grace_hopper()[:480], 640, 480))


def send(client: FlaskClient, frame: bytes = FRAME, token: str | None = None) -> TestResponse:
    token = token_of(client.get("/camera").text) if token is None else token
    headers = {"X-CSRFToken": token}
    return client.post("/camera/frames", data=frame, content_type="image/jpeg", headers=headers)


def test_a_frame_is_answered_as_the_api_answers_a_photo(client: FlaskClient) -> None:
    answer = send(client)
    assert answer.status_code == 200
    from_api = post_photo(client, FRAME, to=API).get_json()
    of_frame = answer.get_json()
    assert of_frame["faces"] == from_api["faces"]
    assert of_frame["faces"][0]["box"] == {"x": 224, "y": 72, "width": 192, "height": 144}


def test_nothing_of_a_frame_is_kept(client: FlaskClient, settings: Settings) -> None:
    before = sorted(settings.data_dir.rglob("*"))
    assert send(client).status_code == 200
    assert sorted(settings.data_dir.rglob("*")) == before


def test_a_frame_without_the_token_of_the_session_is_refused(client: FlaskClient) -> None:
    assert send(client, token="made-up").status_code == 400


@pytest.mark.parametrize(
    ("frame", "status"),
    [
        (b"", 400),
        (b"no picture", 415),
        (encoded(enlarged(grace_hopper(), 1280, 720)), 413),
        (encoded(grace_hopper()[:480]) + bytes(500_000), 413),
    ],
    ids=["empty", "no picture", "a photo", "too many bytes"],
)
def test_what_is_no_frame_is_refused(client: FlaskClient, frame: bytes, status: int) -> None:
    assert send(client, frame).status_code == status


def test_the_camera_is_allowed_on_its_page_alone(client: FlaskClient) -> None:
    assert "camera=(self)" in client.get("/camera").headers["Permissions-Policy"]
    for address in ("/", "/albums/new", "/models", "/nothing"):
        assert "camera=()" in client.get(address).headers["Permissions-Policy"]


@pytest.mark.parametrize(
    ("photos", "frames"), [("120/minute", "1200 per 1 minute"), ("1/second", "10 per 1 second")]
)
def test_frames_have_ten_times_the_rate(photos: str, frames: str) -> None:
    assert rate_of_frames(photos) == frames


def test_frames_and_photos_are_counted_apart(settings: Settings, portrait: bytes) -> None:
    app = app_with(settings, rate="1/hour")
    client = app.test_client()
    token = token_of(client.get("/camera").text)
    assert [send(client, token=token).status_code for _ in range(11)] == [200] * 10 + [429]
    assert post_photo(client, portrait, to=PAGE).status_code == 303
    assert post_photo(client, portrait, to=PAGE).status_code == 429


def test_a_frame_does_not_wait_while_photos_are_worked_on(settings: Settings) -> None:
    detector = WaitingDetector()
    app = app_with(settings, detector, inference_slots=1, inference_waiting=9)
    client = app.test_client()
    token = token_of(client.get("/camera").text)
    with app.app_context():
        photo = threading.Thread(target=services(app).photos.analyze_frame, args=[FRAME])
        photo.start()
    assert detector.begun.wait(PATIENCE)
    busy = send(client, token=token)
    detector.go_on.set()
    photo.join()
    assert busy.status_code == 503
    assert send(client, token=token).status_code == 200

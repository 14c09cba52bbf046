"""One table from exception to status; what is not in it is our fault and stays in the log."""

import errno
import io
from typing import IO

import pytest
from flask import Flask, Request
from flask.testing import FlaskClient

from tests.web.fakes import FakeDetector, app_with
from tests.web.posts import API, PAGE, post_photo, with_token
from webapp.errors import filled
from webapp.settings import Settings
from webapp.vision.errors import ModelFileCorrupt
from webapp.vision.types import Detection


class NoRoom(Request):
    """Cannot keep the files of a form."""

    def _get_file_stream(self, *_: object, **__: object) -> IO[bytes]:
        raise OSError(errno.ENOSPC, "No space left on device")


class BrokenDetector(FakeDetector):
    """Fails with a given error."""

    def __init__(self, error: Exception) -> None:
        super().__init__("mtcnn")
        self.error = error

    def detect(self, *_: object) -> list[Detection]:
        raise self.error


def broken_app(settings: Settings, error: Exception) -> Flask:
    return app_with(settings, BrokenDetector(error))


@pytest.mark.parametrize("error", [ModelFileCorrupt("/secret/path"), ZeroDivisionError("secret")])
@pytest.mark.parametrize("to", [API, PAGE])
def test_our_own_faults_are_500_without_a_trace_of_the_inside(
    settings: Settings, portrait: bytes, error: Exception, to: str
) -> None:
    answer = post_photo(broken_app(settings, error).test_client(), portrait, to=to)
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    if to == API:
        assert answer.get_json()["error"]["code"] == "internal_error"
    else:
        assert "<title>Error: " in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/analyses/short", 404),
        ("GET", "/analyses/" + "a" * 32, 404),
        ("POST", "/analyses/" + "a" * 32 + "/again", 404),
        ("GET", "/analyses/" + "a" * 32 + "/annotated.gif", 404),
        ("GET", "/analyses/%2e%2e/photo.jpg", 404),
        ("GET", "/analyses", 405),
        ("DELETE", "/", 405),
        ("GET", "/analyses/" + "a" * 32 + "/delete", 405),
    ],
)
def test_errors_have_one_page(client: FlaskClient, method: str, path: str, status: int) -> None:
    fields = with_token(client) if method == "POST" else None
    answer = client.open(path, method=method, data=fields)
    assert answer.status_code == status
    assert "<title>Error: " in answer.text
    assert "Choose a photo" in answer.text


@pytest.mark.parametrize("to", [API, PAGE, "/api/v1/albums", "/albums"])
def test_a_form_that_finds_no_room_on_the_disk_is_told_so(
    app: Flask, client: FlaskClient, portrait: bytes, to: str
) -> None:
    token = with_token(client)
    app.request_class = NoRoom
    answer = client.post(to, data={**token, "photo": (io.BytesIO(portrait), "a.jpg")})
    assert answer.status_code == 507
    assert "disk is full" in answer.text


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (50.0, "50"),
        (12.5, "12.5"),
        (1234, "1,234"),
        (1_099_511.6, "1,099,511.6"),
        (0.1 + 0.2, "0.3"),
    ],
)
def test_a_number_in_a_sentence_is_written_out(number: float, words: str) -> None:
    assert filled("%(size)s megapixels", {"size": number}) == f"{words} megapixels"

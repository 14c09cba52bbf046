"""Every request leaves one line, and no line gives anything away."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import Analyzed
from tests.web.fakes import app_with
from tests.web.posts import API, PAGE, post_photo
from tests.web.test_errors import broken_app
from webapp import logs
from webapp.settings import Settings

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What would be on stderr; afterwards the root logger is as it was."""
    handlers, level = logging.root.handlers[:], logging.root.level
    logging.root.handlers.clear()
    written = io.StringIO()
    logs.configure("json", "info", written)
    yield written
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.fixture
def lines(stream: io.StringIO) -> Lines:
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_page_is_one_line_by_its_route(client: FlaskClient, lines: Lines) -> None:
    answer = client.get("/models?secret=word")
    [line] = lines()
    assert (line["method"], line["route"], line["status"]) == ("GET", "/models", 200)
    assert (line["event"], line["level"], line["bytes_in"]) == ("request", "info", 0)
    assert line["ms"] > 0
    assert line["request_id"] == answer.headers["X-Request-ID"]


def test_an_analysis_tells_its_faces_and_stages(
    client: FlaskClient, portrait: bytes, lines: Lines
) -> None:
    post_photo(client, portrait, to=API)
    client.get("/healthz")
    analysis, health = lines()
    assert analysis["faces"] == 2
    assert {"decode_ms", "detect_ms", "estimate_ms"} <= analysis.keys()
    assert analysis["bytes_in"] > len(portrait)
    assert "faces" not in health  # nothing stays behind for the thread's next request


def test_a_refusal_tells_its_code(client: FlaskClient, lines: Lines) -> None:
    post_photo(client, b"no photo", to=API)
    [line] = lines()
    assert (line["status"], line["code"]) == (415, "not_a_photo")


def test_neither_results_nor_names_nor_addresses_are_told(
    client: FlaskClient, analyzed: Analyzed, stream: io.StringIO
) -> None:
    path = analyzed("aunt-mary.jpg")
    client.get(path + "?who=mary")
    client.get("/analyses/" + "x" * 32)
    client.get("/no/such/page-of-mary")
    text = stream.getvalue()
    assert text.count('"event"') == 5  # the form, what was sent, and three more
    assert '"/analyses/<result_id>"' in text
    for secret in (path.rsplit("/", 1)[1], "mary", "127.0.0.1", "x" * 32):
        assert secret not in text


@pytest.mark.parametrize("to", [API, PAGE])
def test_who_meets_our_mistake_gets_the_id_that_finds_it_in_the_log(
    settings: Settings, portrait: bytes, to: str, lines: Lines
) -> None:
    secret = "A" * 32
    app = broken_app(settings, ZeroDivisionError(f"/data/results/{secret}/original"))
    answer = post_photo(app.test_client(), portrait, to=to)
    request_id = answer.headers["X-Request-ID"]
    if to == API:
        assert answer.get_json()["error"]["request_id"] == request_id
    else:
        assert request_id in answer.text
    error, line = lines()[-2:]
    assert (error["level"], error["request_id"]) == ("error", request_id)
    assert "ZeroDivisionError" in error["exception"]
    assert secret not in error["exception"]
    assert (line["status"], line["request_id"]) == (500, request_id)


@pytest.mark.parametrize(
    ("given", "proxies", "taken"),
    [
        ("b7f0c1aa-1", 1, True),
        ("b7f0c1aa-1", 0, False),
        ("short", 1, False),
        ("with space in it", 1, False),
        ("x" * 65, 1, False),
    ],
)
def test_an_id_is_taken_from_a_trusted_proxy_only(
    settings: Settings, given: str, proxies: int, taken: bool
) -> None:
    app = app_with(settings, proxies=proxies)
    answer = app.test_client().get("/healthz", headers={"X-Request-ID": given})
    assert (answer.headers["X-Request-ID"] == given) is taken


def test_every_request_has_an_id_of_its_own(client: FlaskClient) -> None:
    ids = {client.get("/healthz").headers["X-Request-ID"] for _ in range(10)}
    assert len(ids) == 10


def test_readable_lines_say_the_same(client: FlaskClient, stream: io.StringIO) -> None:
    logs.configure("readable", "info", stream)
    client.get("/healthz")
    [line] = stream.getvalue().splitlines()
    assert "route=/healthz" in line
    assert "status=200" in line
    with pytest.raises(json.JSONDecodeError):
        json.loads(line)


def test_a_higher_level_leaves_requests_out(client: FlaskClient, stream: io.StringIO) -> None:
    logs.configure("json", "warning", stream)
    client.get("/healthz")
    assert stream.getvalue() == ""

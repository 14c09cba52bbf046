"""Headers on every answer, and posts from other sites."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.conftest import Analyzed
from tests.web.posts import API, PAGE, post_photo

ANSWERS: dict[str, Callable[[FlaskClient], TestResponse]] = {
    "upload page": lambda client: client.get("/"),
    "not found": lambda client: client.get("/nothing"),
    "bad upload": lambda client: post_photo(client, b"text"),
    "API error": lambda client: post_photo(client, b"text", to=API),
    "wrong method": lambda client: client.put("/"),
    "stylesheet": lambda client: client.get("/static/app.css"),
    "health": lambda client: client.get("/healthz"),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_answer_carries_the_security_headers(client: FlaskClient, kind: str) -> None:
    answer = ANSWERS[kind](client)
    answer.close()
    policy = answer.headers["Content-Security-Policy"]
    for rule in ("default-src 'self'", "frame-ancestors 'none'", "object-src 'none'"):
        assert rule in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]


def test_pages_hold_no_inline_script_or_style(client: FlaskClient, analyzed: Analyzed) -> None:
    for address in ("/", analyzed(), analyzed(detector="haar"), "/deleted"):
        page = client.get(address).text
        assert " style=" not in page
        assert "<style" not in page
        assert page.count('<script type="module" src=') == 1
        assert page.count("<script") == 2  # the other holds no script but sentences
        assert " on" + "click=" not in page


def test_nothing_of_a_result_is_cached(client: FlaskClient, address: str) -> None:
    for path in ("", "/photo.jpg", "/faces/1.jpg", "/annotated.png", "/analysis.json"):
        assert client.get(f"{address}{path}").headers["Cache-Control"] == "private, no-store"


FOREIGN = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
    {"Origin": "https://elsewhere.example"},
    {"Origin": "http://localhost:8001"},
    {"Origin": "null"},
    {"Origin": "http://["},
)
OWN = (
    {},
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "http://localhost"},
)


@pytest.mark.parametrize("to", [PAGE, API])
@pytest.mark.parametrize("headers", FOREIGN)
def test_a_post_from_another_site_is_refused(
    client: FlaskClient, headers: dict[str, str], to: str
) -> None:
    assert client.post(to, headers=headers).status_code == 403


@pytest.mark.parametrize("headers", OWN)
def test_a_post_from_this_site_or_a_program_is_let_through(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    answer = client.post(API, headers=headers)
    assert answer.get_json()["error"]["code"] == "no_photo"


def test_a_link_from_another_site_to_a_page_works(client: FlaskClient) -> None:
    assert client.get("/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_a_host_that_is_no_name_is_400(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Host": "x" * 5000})
    assert answer.status_code == 400
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_api_says_so_in_json(client: FlaskClient) -> None:
    answer = client.post(API, headers={"Host": "x" * 5000})
    assert answer.status_code == 400
    assert answer.get_json()["error"]["code"] == "bad_request"

"""Below a path of another site: whatever leads somewhere leads there, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.accounts.conftest import bearer, sign_in, users_in
from tests.web.fakes import ONE_FACE, FakeDetector, app_with
from tests.web.posts import PAGE, post_photo, token_of
from webapp.settings import InvalidSetting, Settings

if TYPE_CHECKING:  # exists for the type checker alone
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ADDRESS = re.compile(r'(?:href|src|action)="([^"]*)"')
BELOW = {"HTTP_X_FORWARDED_PREFIX": "/agelens"}
SECURE = {"HTTP_X_FORWARDED_PROTO": "https"}


def app_of(settings: Settings) -> Flask:
    return app_with(settings, FakeDetector("mtcnn", ONE_FACE), FakeDetector("haar"))


def browser(app: Flask, said: Mapping[str, str]) -> FlaskClient:
    """A client behind a proxy that adds headers to what it passes on."""
    client = app.test_client()
    client.environ_base.update(said)
    return client


class StrippingProxy:
    """Takes the path off what it passes on, as most proxies do."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"].removeprefix("/agelens")
        return self._app({**environ, "PATH_INFO": path}, start)


@pytest.fixture(params=["a proxy that strips", "a proxy that does not", "a setting"])
def below(request: pytest.FixtureRequest, settings: Settings) -> FlaskClient:
    """A visitor of a site below ``/agelens``."""
    if request.param == "a setting":
        return browser(app_of(replace(settings, prefix="/agelens")), {})
    app = app_of(replace(settings, proxies=1))
    if request.param == "a proxy that strips":
        app.wsgi_app = StrippingProxy(app.wsgi_app)  # type: ignore[method-assign]
    return browser(app, BELOW)


def addresses(page: str) -> list[str]:
    """Everything that a page leads to; places in the page itself left out."""
    return [unescape(one) for one in ADDRESS.findall(page) if not one.startswith("#")]


def test_every_address_keeps_the_path(below: FlaskClient, portrait: bytes) -> None:
    for path, form in (("/", PAGE), ("/compare", "/compare"), ("/albums/new", "/albums")):
        assert below.get(f"/agelens{path}").status_code == 200
        answer = post_photo(below, portrait, to=f"/agelens{form}")
        assert answer.status_code == 303
        assert answer.location.startswith(f"/agelens{form}/")
        for where in (f"/agelens{path}", answer.location, "/agelens/nothing"):
            page = below.get(where)
            found = addresses(page.text)
            assert len(found) > 5
            assert [one for one in found if not one.startswith("/agelens/")] == []
            for one in set(found):
                got = below.get(one)
                got.close()
                # Some are forms' addresses, which are posted to; the photo of an album waits; those
                # of languages lead back.
                assert got.status_code in (200, 303, 405) or page.status_code == 404
                assert got.location is None or got.location.startswith("/agelens/")


def test_repeats_and_deletions_lead_back_below_the_path(
    below: FlaskClient, portrait: bytes
) -> None:
    address = post_photo(below, portrait, to="/agelens/analyses").location
    token = {"csrf_token": token_of(below.get(address).text)}
    again = below.post(f"{address}/again", data=token)
    assert again.location == f"{address}/runs/2"
    assert below.post(f"{address}/delete", data=token).location == "/agelens/deleted"


def test_the_api_keeps_the_path(below: FlaskClient, portrait: bytes) -> None:
    made = below.post("/agelens/api/v1/albums", data=portrait, content_type="image/jpeg")
    assert made.headers["Location"].startswith("/agelens/api/v1/albums/")
    assert below.get(made.headers["Location"]).status_code == 200
    assert below.get("/agelens/api/openapi.json").get_json()["servers"] == [{"url": "/agelens"}]


@pytest.mark.parametrize("path", ["/healthz", "/agelens/healthz", "/readyz", "/agelens/readyz"])
@pytest.mark.parametrize("said", [{}, BELOW])
def test_probes_are_answered_with_the_path_and_without(
    settings: Settings, path: str, said: dict[str, str]
) -> None:
    answer = browser(app_of(replace(settings, proxies=1, prefix="/agelens")), said).get(path)
    assert answer.status_code == (200 if "healthz" in path else 503)
    assert answer.is_json


@pytest.fixture
def guarded(settings: Settings, tmp_path: Path) -> FlaskClient:
    """A visitor of an app with users, behind a proxy."""
    return browser(app_of(replace(settings, proxies=1, users=users_in(tmp_path))), BELOW)


def test_the_cookie_and_the_way_back_keep_the_path(guarded: FlaskClient) -> None:
    asked = guarded.get("/agelens/albums/new?a=b")
    assert asked.location == "/agelens/login?next=/agelens/albums/new?a%3Db"
    assert 'value="/agelens/albums/new?a=b"' in guarded.get(asked.location).text
    answer = sign_in(guarded, "alice", page="/agelens/login", next="/agelens/albums/new?a=b")
    assert (answer.status_code, answer.location) == (303, "/agelens/albums/new?a=b")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("agelens=")
    assert "Path=/agelens" in cookie


def test_over_https_the_cookie_has_a_name_that_goes_with_its_path(settings: Settings) -> None:
    client = browser(app_of(replace(settings, proxies=1)), BELOW | SECURE)
    cookie = client.get("/").headers["Set-Cookie"]
    assert cookie.startswith("__Secure-agelens=")  # browsers refuse __Host- with another path
    assert "Path=/agelens" in cookie
    assert "Secure" in cookie


@pytest.mark.parametrize("wanted", ["/other", "/agelens.evil/", "//agelens/", "/agelens"])
def test_nobody_is_led_to_a_neighbour_after_signing_in(guarded: FlaskClient, wanted: str) -> None:
    answer = sign_in(guarded, "alice", page="/agelens/login", next=wanted)
    assert answer.location == "/agelens/"


def test_a_token_works_below_the_path(
    guarded: FlaskClient, tmp_path: Path, portrait: bytes
) -> None:
    headers = bearer(users_in(tmp_path), "alice")
    answer = guarded.post(
        "/agelens/api/v1/analyses", data=portrait, content_type="image/jpeg", headers=headers
    )
    assert answer.status_code == 200


def test_nobody_else_is_believed(settings: Settings) -> None:
    page = browser(app_of(settings), BELOW).get("/").text
    assert [one for one in addresses(page) if one.startswith("/agelens")] == []


@pytest.mark.parametrize(
    "said", ["//evil.example", "https://evil.example", "/a//b", "/<b>", "/a b", "agelens", "/"]
)
def test_what_is_no_path_is_not_believed(settings: Settings, said: str) -> None:
    client = browser(app_of(replace(settings, proxies=1)), {"HTTP_X_FORWARDED_PREFIX": said})
    answer = client.get("/")
    assert answer.status_code == 200
    assert [one for one in addresses(answer.text) if not re.match("/[a-z?]|/$", one)] == []


def test_a_path_is_a_path() -> None:
    assert Settings.from_environment({"AGELENS_PREFIX": "/a/b"}).prefix == "/a/b"
    for wrong in ("agelens", "/", "/a/", "//a", "https://a"):
        with pytest.raises(InvalidSetting, match="AGELENS_PREFIX"):
            Settings.from_environment({"AGELENS_PREFIX": wrong})

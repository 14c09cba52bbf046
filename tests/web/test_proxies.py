"""Which name the server answers to, and whose word it takes for it."""

from dataclasses import replace

import pytest
from flask import request
from flask.testing import FlaskClient

from tests.web.fakes import app_with
from webapp.settings import Settings


def client_of(settings: Settings) -> FlaskClient:
    app = app_with(settings)
    app.add_url_rule("/who", view_func=lambda: f"{request.remote_addr} {request.url_root}")
    return app.test_client()


FORWARDED = {
    "X-Forwarded-For": "192.0.2.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "faces.example",
}


def test_nobody_is_believed_unless_told_so(settings: Settings) -> None:
    answer = client_of(settings).get("/who", headers=FORWARDED)
    assert answer.text == "127.0.0.1 http://localhost/"


def test_a_proxy_is_believed(settings: Settings) -> None:
    answer = client_of(replace(settings, proxies=1)).get("/who", headers=FORWARDED)
    assert answer.text == "192.0.2.7 https://faces.example/"


@pytest.mark.parametrize(
    ("host", "status"), [("faces.example", 200), ("localhost", 200), ("evil.example", 400)]
)
@pytest.mark.parametrize("path", ["/", "/healthz"])
def test_other_names_are_refused(settings: Settings, host: str, status: int, path: str) -> None:
    client = client_of(replace(settings, trusted_hosts="faces.example, localhost"))
    assert client.get(path, headers={"Host": host}).status_code == status


@pytest.mark.parametrize("names", [",", " , "])
def test_a_list_without_a_name_counts_as_unset(settings: Settings, names: str) -> None:
    client = client_of(replace(settings, trusted_hosts=names))
    assert client.get("/", headers={"Host": "faces.example"}).status_code == 200

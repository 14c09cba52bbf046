"""Programs come in with a token and with nothing else."""

import io
import logging
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.accounts.conftest import bearer
from tests.web.posts import API
from webapp.web.accounts.tokens import TokenFile
from webapp.web.accounts.users import UserFile


def analyze(client: FlaskClient, portrait: bytes, **more: Any) -> TestResponse:
    photo = {"photo": (io.BytesIO(portrait), "family.jpg")}
    return client.post(API, data=photo, **more)


def test_a_token_opens_the_api(client: FlaskClient, users: Path, portrait: bytes) -> None:
    answer = analyze(client, portrait, headers=bearer(users, "alice"))
    assert answer.status_code == 200
    assert len(answer.get_json()["faces"]) == 2
    assert "Set-Cookie" not in answer.headers


def test_more_than_one_space_may_precede_a_token(
    client: FlaskClient, users: Path, portrait: bytes
) -> None:
    token = TokenFile.beside(users).create("test", "alice")
    answer = analyze(client, portrait, headers={"Authorization": f"Bearer  {token}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer agelens_", "Bearer x", "Basic {}", "{}", "Bearer {}x"],
)
def test_anything_else_is_401(
    client: FlaskClient, users: Path, portrait: bytes, header: str
) -> None:
    token = TokenFile.beside(users).create("test", "alice")
    answer = analyze(client, portrait, headers={"Authorization": header.format(token)})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.get_json()["error"]["code"] == "no_token"


@pytest.mark.parametrize("name", ["access_token", "token", "Authorization", "authorization"])
def test_a_token_in_the_address_is_refused(
    client: FlaskClient, users: Path, portrait: bytes, name: str
) -> None:
    token = TokenFile.beside(users).create("test", "alice")
    for value in (token, f"Bearer {token}"):
        assert analyze(client, portrait, query_string={name: value}).status_code == 401


def test_a_session_does_not_open_the_api(alice: FlaskClient, portrait: bytes) -> None:
    assert analyze(alice, portrait).status_code == 401


def test_a_token_does_not_open_pages(client: FlaskClient, users: Path) -> None:
    assert client.get("/", headers=bearer(users, "alice")).status_code == 303


def test_a_revoked_token_is_worth_nothing_at_once(
    client: FlaskClient, users: Path, portrait: bytes
) -> None:
    headers = bearer(users, "alice")
    assert analyze(client, portrait, headers=headers).status_code == 200
    TokenFile.beside(users).revoke("alice-test")
    assert analyze(client, portrait, headers=headers).status_code == 401


def test_a_token_ends_with_its_user(client: FlaskClient, users: Path, portrait: bytes) -> None:
    headers = bearer(users, "alice")
    UserFile(users).remove("alice")
    assert analyze(client, portrait, headers=headers).status_code == 401


def test_what_a_program_makes_belongs_to_its_user(
    client: FlaskClient, alice: FlaskClient, bob: FlaskClient, users: Path, portrait: bytes
) -> None:
    photo = {"photo": (io.BytesIO(portrait), "family.jpg")}
    made = client.post("/api/v1/albums", data=photo, headers=bearer(users, "alice"))
    assert made.status_code == 202
    page = f"/albums/{made.get_json()['id']}"
    assert alice.get(page).status_code == 200
    assert bob.get(page).status_code == 404


def test_a_page_of_another_site_is_refused_even_with_a_token(
    client: FlaskClient, users: Path, portrait: bytes
) -> None:
    headers = {**bearer(users, "alice"), "Sec-Fetch-Site": "cross-site"}
    assert analyze(client, portrait, headers=headers).status_code == 403


def test_no_token_gets_into_the_log(
    client: FlaskClient, users: Path, portrait: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    headers = bearer(users, "alice")
    analyze(client, portrait, headers=headers)
    analyze(client, portrait, headers={"Authorization": "Bearer agelens_not-a-real-one"})
    assert headers["Authorization"].removeprefix("Bearer ") not in caplog.text
    assert "not-a-real-one" not in caplog.text


def test_the_api_describes_that_it_asks_for_a_token(client: FlaskClient, users: Path) -> None:
    document = client.get("/api/openapi.json", headers=bearer(users, "alice")).get_json()
    ((name, scheme),) = document["components"]["securitySchemes"].items()
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert document["security"] == [{name: []}]
    assert document["paths"]["/healthz"]["get"]["security"] == []

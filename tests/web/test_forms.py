"""Forms of the pages carry the token of the visitor's session, with and without users."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.web.fakes import app_with
from tests.web.posts import API, PAGE, post_photo, post_photos, submit, token_of, with_token
from webapp.app import FORM_BYTES
from webapp.assets import directory
from webapp.settings import Settings
from webapp.web.albums.uploads import longest_body

POSTING = re.compile(r'<form[^>]*method="post"[^>]*>\s*(.{0,20})', re.DOTALL)


def test_every_form_that_posts_begins_with_the_token() -> None:
    templates = sorted(directory("templates").glob("*.html"))
    forms = [begin for path in templates for begin in POSTING.findall(path.read_text())]
    assert len(forms) >= 8
    assert [begin for begin in forms if not begin.startswith("{{ csrf_field() }}")] == []


@pytest.mark.parametrize("page", ["/", "/compare", "/albums/new"])
def test_a_form_without_the_token_comes_back_with_a_new_one_that_works(
    client: FlaskClient, portrait: bytes, page: str
) -> None:
    to = {"/": "/analyses", "/compare": "/compare", "/albums/new": "/albums"}[page]
    answer = post_photo(client, portrait, to=to, csrf_token="old")
    assert answer.status_code == 400
    assert "<title>Error: " in answer.text
    assert 'id="summary"' in answer.text
    assert "Please send it again." in answer.text
    again = post_photo(client, portrait, to=to, csrf_token=token_of(answer.text))
    assert again.status_code == 303


def test_a_result_survives_a_new_key_and_its_old_page_says_what_to_do(
    client: FlaskClient, address: str, settings: Settings
) -> None:
    old = with_token(client)
    app = app_with(settings, secret_key="n" * 32)
    browser = app.test_client()
    cookie = client.get_cookie("agelens")
    assert cookie is not None
    browser.set_cookie("agelens", cookie.value)
    assert browser.get(address).status_code == 200
    refused = browser.post(
        f"{address}/delete", data=old, headers={"Referer": f"http://localhost{address}"}
    )
    assert refused.status_code == 400
    assert f'href="{address}">Back to the page' in refused.text
    assert submit(browser, f"{address}/delete").status_code == 303


@pytest.mark.parametrize(
    "referrer", ["http://evil.example/x", "http://localhost//evil.example", "http://[evil"]
)
def test_the_way_back_never_leads_to_another_site(
    client: FlaskClient, address: str, referrer: str
) -> None:
    answer = client.post(f"{address}/delete", headers={"Referer": referrer})
    assert answer.status_code == 400
    assert "evil" not in answer.text


def test_a_token_of_another_visitor_does_not_help(client: FlaskClient, address: str) -> None:
    others = with_token(client.application.test_client())
    assert client.post(f"{address}/delete", data=others).status_code == 400
    assert client.get(address).status_code == 200


def test_the_api_needs_no_token_of_a_form_and_sets_no_cookie(
    client: FlaskClient, portrait: bytes
) -> None:
    answer = post_photo(client, portrait, to=API)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers


def test_the_cookie_without_users_holds_nothing_but_the_token(client: FlaskClient) -> None:
    client.get("/")
    with client.session_transaction() as session:
        assert set(session) == {"csrf_token"}


def test_an_album_larger_than_a_photo_passes_the_check(settings: Settings, portrait: bytes) -> None:
    small = replace(settings, max_bytes=len(portrait) + 1)
    client = app_with(small).test_client()
    many = [(f"{number}.jpg", portrait) for number in range(30)]
    answer = post_photos(client, many, "/albums")
    assert answer.status_code == 303


def test_an_album_that_is_too_large_is_told_so_on_its_own_page(
    settings: Settings, portrait: bytes
) -> None:
    small = replace(settings, album_bytes=1000)
    client = app_with(small).test_client()
    answer = post_photo(client, portrait * 5, to="/albums")
    assert answer.status_code == 413
    assert "An album has at most" in answer.text
    assert 'action="/albums"' in answer.text


def test_without_users_there_is_no_page_to_sign_in(client: FlaskClient) -> None:
    assert client.get("/login").status_code == 404
    assert "Sign out" not in client.get("/").text


@pytest.mark.parametrize("kind", ["", "; charset=utf-8"])
@pytest.mark.parametrize("to", [API, PAGE, "/api/v1/albums", "/albums", "/compare", "/login"])
def test_a_long_form_that_can_hold_no_photo_is_refused_unread(
    settings: Settings, tmp_path: Path, to: str, kind: str
) -> None:
    app = app_with(settings, users=tmp_path / "users" if to == "/login" else None)
    content_type = f"application/x-www-form-urlencoded{kind}"
    about = {"PATH_INFO": to, "REQUEST_METHOD": "POST", "CONTENT_TYPE": content_type}
    assert longest_body(app, about) == FORM_BYTES
    answer = app.test_client().post(to, data=b"a=1&" * 50_000, content_type=content_type)
    assert answer.status_code == (413 if "albums" in to else 422)
    assert "as a file" in answer.text

"""Signing in and out, by the list of OWASP's cheat sheets on authentication and sessions."""

import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.accounts.conftest import PASSWORDS, browser_of, sign_in
from tests.web.fakes import app_with
from tests.web.posts import post_photo, submit, token_of, with_token
from webapp.services import services
from webapp.settings import Settings
from webapp.web.accounts.throttle import PER_ADDRESS, PER_NAME
from webapp.web.accounts.users import UserFile

HTTPS = "https://localhost"


def cookie_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("agelens")
    assert cookie is not None
    return cookie.value


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/").status_code == 200


def test_signing_in_leads_to_where_the_visitor_wanted_to_be(client: FlaskClient) -> None:
    asked = client.get("/albums/new?a=b")
    assert asked.location == "/login?next=/albums/new?a%3Db"
    page = client.get(asked.location).text
    assert 'name="next" value="/albums/new?a=b"' in page
    assert sign_in(client, "alice", next="/albums/new?a=b").location == "/albums/new?a=b"
    assert client.get("/login?next=/compare").location == "/compare"


def test_the_page_says_who_is_signed_in_and_has_a_way_out(alice: FlaskClient) -> None:
    page = alice.get("/").text
    assert re.search(r"Signed in as </span>alice", page)
    assert 'action="/logout"' in page


OTHER_SITES = (
    *("//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", ""),
    *("/\t/evil.example", "/\n/evil.example", " //evil.example", "evil.example"),
    "javascript:alert(1)",
)


@pytest.mark.parametrize("target", OTHER_SITES)
def test_signing_in_never_leads_to_another_site(client: FlaskClient, target: str) -> None:
    page = client.get("/login", query_string={"next": target})
    assert 'name="next" value="/"' in page.text
    assert sign_in(client, "alice", next=target).location == "/"


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("alice", "another password"),
        ("alice", ""),
        ("alice", PASSWORDS["bob"]),
        ("nobody", "correct horse battery"),
        ("Alice", PASSWORDS["alice"]),
        ("alice\0", PASSWORDS["alice"]),
        ("-", "correct horse battery"),
        ("", ""),
    ],
)
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(
    client: FlaskClient, name: str, password: str
) -> None:
    answer = sign_in(client, name, password)
    assert answer.status_code == 403
    assert "The name or the password is wrong." in answer.text
    assert "<title>Error: " in answer.text
    if password:
        assert password not in answer.text
    assert not is_signed_in(client)


def test_the_cookie_is_for_this_site_and_no_script(client: FlaskClient) -> None:
    sign_in(client, "alice")
    cookie = client.get_cookie("agelens")
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site, cookie.secure) == (True, "Lax", False)
    assert (cookie.path, cookie.origin_only) == ("/", True)


def test_over_https_the_cookie_is_secure_and_bound_to_the_host(client: FlaskClient) -> None:
    header = sign_in(client, "alice", page=f"{HTTPS}/login").headers["Set-Cookie"]
    assert header.startswith("__Host-agelens=")
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert attribute in header
    assert "Domain" not in header
    assert client.get("/", base_url=HTTPS).status_code == 200


def test_behind_a_believed_proxy_https_is_noticed(settings: Settings) -> None:
    app = app_with(settings, proxies=1)
    answer = app.test_client().get("/login", headers={"X-Forwarded-Proto": "https"})
    assert answer.headers["Set-Cookie"].startswith("__Host-agelens=")


def test_a_session_that_was_planted_before_is_worth_nothing_after(
    app: Flask, client: FlaskClient
) -> None:
    before = token_of(client.get("/login").text)
    planted = cookie_of(client)
    sign_in(client, "alice")
    assert cookie_of(client) != planted
    attacker = app.test_client()
    attacker.set_cookie("agelens", planted)
    assert not is_signed_in(attacker)
    assert client.post("/logout", data={"csrf_token": before}).status_code == 400
    assert is_signed_in(client)


def test_signing_out_takes_a_post_and_forgets_the_cookie(alice: FlaskClient) -> None:
    assert alice.get("/logout").status_code == 405
    assert is_signed_in(alice)
    answer = submit(alice, "/logout")
    assert (answer.status_code, answer.location) == (303, "/login")
    assert alice.get_cookie("agelens") is None
    assert not is_signed_in(alice)


def test_a_cookie_that_was_changed_is_no_cookie(app: Flask, alice: FlaskClient) -> None:
    payload, *signature = cookie_of(alice).split(".")
    for forged in (
        ".".join([payload[:-2] + "AA", *signature]),
        ".".join([payload, *signature[:-1], "A" * len(signature[-1])]),
        payload,
        "",
    ):
        stranger = app.test_client()
        stranger.set_cookie("agelens", forged)
        assert not is_signed_in(stranger)


def test_another_key_ends_all_sessions(settings: Settings, alice: FlaskClient) -> None:
    other = app_with(settings, secret_key="o" * 32)
    moved = other.test_client()
    moved.set_cookie("agelens", cookie_of(alice))
    assert not is_signed_in(moved)


def test_a_removed_user_is_out_at_once(alice: FlaskClient, bob: FlaskClient, users: Path) -> None:
    UserFile(users).remove("alice")
    assert not is_signed_in(alice)
    assert is_signed_in(bob)


def test_another_password_ends_every_session_and_opens_new_ones(
    app: Flask, alice: FlaskClient, users: Path
) -> None:
    second = browser_of(app, "alice")
    UserFile(users).set_password("alice", "quite another one")
    assert not is_signed_in(alice)
    assert not is_signed_in(second)
    assert sign_in(alice, "alice").status_code == 403
    assert sign_in(alice, "alice", "quite another one").status_code == 303
    assert is_signed_in(alice)


def test_a_session_ends_when_its_time_is_over_however_busy_it_was(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_with(settings, login_keep=timedelta(hours=1))
    alice = browser_of(app, "alice")
    now = [0.0]
    accounts = services(app).accounts
    assert accounts is not None
    sessions = accounts.sessions
    begun = sessions._clock()
    monkeypatch.setattr(sessions, "_clock", lambda: begun + now[0])
    for now[0] in (1000.0, 2000.0, 3598.0):
        assert is_signed_in(alice)
    now[0] = 3601.0
    assert not is_signed_in(alice)


def test_too_many_attempts_for_a_name_must_wait(app: Flask, client: FlaskClient) -> None:
    answers = []
    for number in range(PER_NAME.amount + 1):
        client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        answers.append(sign_in(client, "alice", "a wrong password"))
    assert [answer.status_code for answer in answers] == [403] * PER_NAME.amount + [429]
    assert 14 * 60 < int(answers[-1].headers["Retry-After"]) <= 15 * 60
    assert "Too many sign-in attempts" in answers[-1].text
    assert "again in 15 min." in answers[-1].text
    assert sign_in(client, "alice").status_code == 429  # the right password does not help either
    assert sign_in(app.test_client(), "bob").status_code == 303


def test_too_many_names_from_one_address_must_wait(client: FlaskClient) -> None:
    accounts = services(client.application).accounts
    assert accounts is not None
    throttle = accounts._throttle
    for number in range(PER_ADDRESS.amount):
        throttle.count(f"name-{number}", "127.0.0.1")
    assert sign_in(client, "bob").status_code == 429


def test_a_right_password_starts_the_count_again(client: FlaskClient) -> None:
    for _ in range(2):
        for _ in range(PER_NAME.amount - 1):
            assert sign_in(client, "alice", "a wrong password").status_code == 403
        assert sign_in(client, "alice").status_code == 303
        submit(client, "/logout")


def test_a_token_of_another_session_does_not_help(alice: FlaskClient, bob: FlaskClient) -> None:
    bobs = with_token(bob)
    assert alice.post("/logout", data=bobs).status_code == 400
    assert is_signed_in(alice)


def test_a_form_sent_after_the_session_ended_says_so_and_leads_back(
    alice: FlaskClient, users: Path
) -> None:
    fields = with_token(alice)
    UserFile(users).set_password("alice", "quite another one")
    answer = alice.post("/compare", data=fields, headers={"Referer": "http://localhost/compare"})
    assert answer.location == "/login?next=/compare"
    assert "no longer signed in, so nothing was sent" in alice.get(answer.location).text


def test_no_password_gets_into_the_log(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sign_in(client, "alice", "a wrong password")
    sign_in(client, "typed into the wrong field", "x")
    sign_in(client, "alice")
    assert "Somebody signed in" in caplog.text
    assert "A sign-in was refused" in caplog.text
    for secret in ("alice", PASSWORDS["alice"], "a wrong password", "typed into the wrong field"):
        assert secret not in caplog.text


@pytest.mark.parametrize("is_damaged", [True, False], ids=["damaged", "a folder"])
def test_a_file_of_users_that_cannot_be_read_lets_nobody_in_and_tells_nothing(
    alice: FlaskClient, users: Path, *, is_damaged: bool
) -> None:
    users.unlink()
    if is_damaged:
        users.write_text("alice:no hash at all\n")
    else:
        users.mkdir()
    answer = alice.get("/")
    assert answer.status_code == 503
    assert "tell the operator of this server" in answer.text
    assert "no hash" not in answer.text
    assert str(users) not in answer.text


def test_results_stay_with_their_owner(
    alice: FlaskClient, bob: FlaskClient, portrait: bytes
) -> None:
    address = post_photo(alice, portrait).location
    assert "only you can see it" in alice.get(address).text
    assert bob.get(address).status_code == 404
    assert submit(bob, f"{address}/delete").status_code == 404
    again = submit(alice, f"{address}/again", {"turn": "1"}).location
    assert bob.get(again).status_code == 404
    assert alice.get(again).status_code == 200


def test_an_unknown_address_is_unknown_to_strangers_too(client: FlaskClient) -> None:
    assert client.get("/nothing").status_code == 404
    assert client.get("/api/nothing").get_json()["error"]["code"] == "not_found"


CHANGED = "quite another password"


def change_password(client: FlaskClient, old: str, new: str) -> TestResponse:
    token = token_of(client.get("/account").text)
    fields = {"csrf_token": token, "password": old, "new_password": new}
    return client.post("/account", data=fields)


def test_everybody_can_change_their_own_password_and_no_other(
    app: Flask, alice: FlaskClient, users: Path
) -> None:
    elsewhere = browser_of(app, "alice")
    bob_before = UserFile(users).account("bob")
    answer = change_password(alice, PASSWORDS["alice"], CHANGED)
    assert (answer.status_code, answer.location) == (303, "/account")
    assert "Your password was changed" in alice.get("/account").text
    assert is_signed_in(alice)
    assert not is_signed_in(elsewhere)
    assert sign_in(app.test_client(), "alice", CHANGED).status_code == 303
    assert sign_in(app.test_client(), "alice").status_code == 403
    assert UserFile(users).account("bob") == bob_before


@pytest.mark.parametrize(
    ("attempt", "status", "sentence"),
    [
        ((PASSWORDS["bob"], CHANGED), 403, "The current password is wrong."),
        ((PASSWORDS["alice"], "short"), 422, "at least 12 characters"),
        ((PASSWORDS["alice"], "password1234"), 422, "easy to guess"),
    ],
)
def test_a_password_that_cannot_be_changed_stays_and_the_reason_is_told(
    app: Flask, alice: FlaskClient, attempt: tuple[str, str], status: int, sentence: str
) -> None:
    answer = change_password(alice, *attempt)
    assert answer.status_code == status
    assert sentence in answer.text
    assert "<title>Error: " in answer.text
    assert sign_in(app.test_client(), "alice").status_code == 303


def test_where_the_file_of_users_is_read_only_nobody_is_left_with_an_error_page(
    alice: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(UserFile, "set_password", refuse)
    answer = change_password(alice, PASSWORDS["alice"], CHANGED)
    assert answer.status_code == 503
    assert "operator of this server" in answer.text


def test_guesses_of_the_current_password_are_bounded_as_those_of_signing_in_are(
    alice: FlaskClient,
) -> None:
    answers = [change_password(alice, "a wrong password", CHANGED) for _ in range(11)]
    assert [answer.status_code for answer in answers[-2:]] == [403, 429]


def test_who_gets_a_name_later_sees_nothing_of_who_had_it(
    app: Flask, alice: FlaskClient, users: Path, portrait: bytes
) -> None:
    place = post_photo(alice, portrait).location
    assert alice.get(place).status_code == 200
    UserFile(users).remove("alice")
    UserFile(users).set_password("alice", CHANGED)
    successor = app.test_client()
    sign_in(successor, "alice", CHANGED)
    assert is_signed_in(successor)
    assert successor.get(place).status_code == 404


def test_over_https_browsers_are_told_to_stay_there(client: FlaskClient) -> None:
    name = "Strict-Transport-Security"
    assert client.get("/login", base_url=HTTPS).headers[name] == "max-age=31536000"
    assert name not in client.get("/login").headers

"""An app with two users, alice and bob, and browsers in which they are signed in."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.security import generate_password_hash
from werkzeug.test import TestResponse

from tests.samples import encoded, grace_hopper
from tests.web.fakes import TWO_FACES, FakeDetector, app_with
from tests.web.posts import token_of
from webapp.settings import Settings
from webapp.web.accounts.tokens import TokenFile

QUICK = "scrypt:1024:8:1"  # the file says for each user how much work a guess is
PASSWORDS = {"alice": "correct horse battery", "bob": "staples in a drawer"}


def users_in(folder: Path) -> Path:
    """A file of two users, made if it is not there."""
    path = folder / "users"
    if not path.exists():
        hashes = {name: generate_password_hash(word, QUICK) for name, word in PASSWORDS.items()}
        path.write_text("".join(f"{name}:{hashed}\n" for name, hashed in hashes.items()))
    return path


@pytest.fixture
def users(tmp_path: Path) -> Path:
    return users_in(tmp_path)


@pytest.fixture
def settings(tmp_path: Path, users: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", users=users, secret_key="k" * 32)


@pytest.fixture
def app(settings: Settings) -> Flask:
    return app_with(settings, FakeDetector("mtcnn", TWO_FACES), FakeDetector("haar"))


def sign_in(
    client: FlaskClient,
    name: str,
    password: str | None = None,
    page: str = "/login",
    **further: str,
) -> TestResponse:
    """Fill in the page to sign in as a browser would."""
    fields = {"name": name, "password": PASSWORDS[name] if password is None else password}
    token = token_of(client.get(page).text)
    return client.post(page, data={"csrf_token": token, **fields, **further})


def browser_of(app: Flask, name: str) -> FlaskClient:
    """A browser in which somebody is signed in."""
    client = app.test_client()
    assert sign_in(client, name).status_code == 303
    return client


def bearer(users: Path, user: str) -> dict[str, str]:
    """The headers of a program with a new token of a user."""
    return {"Authorization": f"Bearer {TokenFile.beside(users).create(f'{user}-test', user)}"}


@pytest.fixture
def alice(app: Flask) -> FlaskClient:
    return browser_of(app, "alice")


@pytest.fixture
def bob(app: Flask) -> FlaskClient:
    return browser_of(app, "bob")


@pytest.fixture
def portrait() -> bytes:
    """Small, because nobody looks at it here."""
    return encoded(grace_hopper()[::6, ::6])

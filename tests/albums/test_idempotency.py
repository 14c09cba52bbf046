"""The same Idempotency-Key leads to the same album, in whatever process, for a day."""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.albums.zips import zip_of
from tests.web.fakes import app_with
from tests.web.posts import submit
from webapp.albums.idempotency import album_ids, key_of
from webapp.results.store.errors import StoreUnavailable
from webapp.results.store.result_store import ResultStore
from webapp.services import services
from webapp.settings import Settings

ALBUMS = "/api/v1/albums"
DAY = 86_400


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, keep_albums=timedelta(days=7))


@pytest.fixture
def store(client: FlaskClient) -> ResultStore:
    return services(client.application).albums.repository.store


def id_for_key_k(client: FlaskClient) -> str:
    """What the next album of the key k will be called."""
    secret = bytes(client.application.secret_key or b"")  # type: ignore[arg-type]
    return next(album_ids(key_of(secret, "127.0.0.1", "k")))


def send(client: FlaskClient, photo: bytes, key: str, query: str = "") -> TestResponse:
    return client.post(
        ALBUMS + query, data=photo, content_type="image/jpeg", headers={"Idempotency-Key": key}
    )


def test_a_request_that_is_sent_again_makes_no_second_album(
    client: FlaskClient, settings: Settings, portrait: bytes
) -> None:
    first = send(client, portrait, "trip-2019")
    other_process = app_with(settings).test_client()
    second = send(other_process, portrait, "trip-2019")
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.headers["Location"] == second.headers["Location"]
    assert first.get_json() == second.get_json()
    albums = services(client.application).albums
    assert len(albums.repository.store.ids()) == 1
    assert albums.queue.length() == 1


def test_other_keys_and_no_key_make_other_albums(client: FlaskClient, portrait: bytes) -> None:
    ids = {send(client, portrait, key).get_json()["id"] for key in ("a", "b", "A")}
    plain = client.post(ALBUMS, data=portrait, content_type="image/jpeg")
    assert len(ids | {plain.get_json()["id"]}) == 4


def test_another_client_with_the_same_key_gets_an_album_of_its_own(
    client: FlaskClient, portrait: bytes
) -> None:
    first = send(client, portrait, "1").get_json()["id"]
    client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert send(client, portrait, "1").get_json()["id"] != first


def test_a_key_of_another_request_is_refused(client: FlaskClient, portrait: bytes) -> None:
    send(client, portrait, "k")
    answer = send(client, portrait, "k", "?turn=1")
    assert answer.status_code == 409
    assert answer.get_json()["error"]["code"] == "idempotency_key_reused"


def test_a_key_that_is_guessed_leads_to_no_album_of_others(
    client: FlaskClient, portrait: bytes
) -> None:
    first = send(client, portrait, "1").get_json()
    answer = send(client, portrait + b"-", "1")
    assert answer.get_json()["error"]["code"] == "idempotency_key_reused"
    assert first["id"] not in answer.text


def test_a_key_is_forgotten_after_a_day_or_with_its_album(
    client: FlaskClient, settings: Settings, portrait: bytes
) -> None:
    first = send(client, portrait, "k").get_json()["id"]
    mark = settings.data_dir / "albums" / first / "complete"
    os.utime(mark, times=(time.time() - DAY + 60,) * 2)
    assert send(client, portrait, "k").get_json()["id"] == first
    os.utime(mark, times=(time.time() - DAY - 60,) * 2)
    second = send(client, portrait, "k").get_json()["id"]
    assert second != first
    assert send(client, portrait, "k").get_json()["id"] == second
    os.utime(mark, times=(time.time() - 8 * DAY,) * 2)  # expired, and not swept yet
    assert send(client, portrait, "k").get_json()["id"] == second
    assert client.delete(f"{ALBUMS}/{second}").status_code == 204
    assert client.get(f"{ALBUMS}/{second}").status_code == 404
    assert send(client, portrait, "k").status_code == 202


def test_while_an_album_is_received_the_same_key_must_wait(
    client: FlaskClient, portrait: bytes, store: ResultStore
) -> None:
    answers = []

    def files() -> Iterator[tuple[str, bytes]]:
        answers.append(send(client, portrait, "k"))
        yield "0001.original", portrait

    store.create_from(files(), "", id_for_key_k(client))
    assert answers[0].status_code == 409
    assert answers[0].get_json()["error"]["code"] == "album_in_receipt"


def test_an_upload_that_fails_does_not_use_up_its_key(
    client: FlaskClient, portrait: bytes, store: ResultStore
) -> None:
    def broken() -> Iterator[tuple[str, bytes]]:
        yield "0001.original", portrait
        raise ConnectionError

    with pytest.raises(ConnectionError):
        store.create_from(broken(), "", id_for_key_k(client))
    assert send(client, portrait, "k").status_code == 202


def test_a_store_that_is_away_for_a_moment_does_not_use_up_a_key(
    client: FlaskClient, portrait: bytes, store: ResultStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(*_: object) -> None:
        raise StoreUnavailable

    with monkeypatch.context() as away:
        away.setattr(store, "_write", unavailable)
        assert send(client, portrait, "k").status_code == 503
    assert store.ids() == []
    assert send(client, portrait, "k").status_code == 202


def test_a_photo_that_is_deleted_does_not_make_an_album_another_one(
    client: FlaskClient, portrait: bytes
) -> None:
    two = zip_of({"a.jpg": portrait, "b.jpg": portrait})
    ask = partial(client.post, ALBUMS, data=two, headers={"Idempotency-Key": "k"})
    album_id = ask(content_type="application/zip").get_json()["id"]
    submit(client, f"/albums/{album_id}/photos/1/delete")
    again = ask(content_type="application/zip")
    assert (again.status_code, again.get_json()["id"]) == (202, album_id)


@pytest.mark.parametrize("key", ["", "two words", "ä", "x" * 201])
def test_a_key_that_is_none_is_refused(client: FlaskClient, portrait: bytes, key: str) -> None:
    answer = send(client, portrait, key)
    assert answer.status_code == 422
    assert "1 to 200 visible characters" in answer.get_json()["error"]["message"]

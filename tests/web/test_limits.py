"""So much work a client: counted by user or address, refused with a sentence, never by accident."""

from dataclasses import replace

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from tests.scale.programs import Program
from tests.web.fakes import app_with
from tests.web.posts import API, PAGE, post_photo
from webapp.settings import OFF, Settings
from webapp.web.current_user import note_current_user
from webapp.web.rate_limits import client as client_key

TWO = "2/minute"


def app_of(settings: Settings) -> Flask:
    app = app_with(settings)

    def sign_in() -> None:  # stands for whatever knows users
        if "X-User" in request.headers:
            note_current_user(request.headers["X-User"])

    app.before_request_funcs[None].insert(0, sign_in)
    return app


def visitor(app: Flask, address: str = "192.0.2.7", user: str | None = None) -> FlaskClient:
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    if user is not None:
        client.environ_base["HTTP_X_USER"] = user
    return client


@pytest.mark.parametrize("to", [API, PAGE])
def test_the_third_of_two_is_refused_with_a_sentence_and_when_to_come_back(
    settings: Settings, portrait: bytes, to: str
) -> None:
    client = visitor(app_of(replace(settings, rate=TWO)))
    assert [post_photo(client, portrait, to=to).status_code < 400 for _ in range(2)] == [True, True]
    refused = post_photo(client, portrait, to=to)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 61
    if to == API:
        assert refused.get_json()["error"]["code"] == "too_many_requests"
    else:
        assert 'id="summary"' in refused.text  # the form again, so that nothing is lost
        assert "Please wait a moment." in refused.text


def test_all_work_counts_together_and_reading_does_not_count(
    settings: Settings, portrait: bytes
) -> None:
    client = visitor(app_of(replace(settings, rate=TWO)))
    assert [client.get(path).status_code for path in ("/", "/models") * 3] == [200] * 6
    assert post_photo(client, portrait, to=PAGE).status_code == 303
    assert post_photo(client, portrait, to="/albums").status_code == 303
    assert post_photo(client, portrait, to="/compare").status_code == 429
    assert post_photo(client, portrait, to="/api/v1/albums").status_code == 429
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["annotated.png", "annotated.jpg"])
def test_drawing_counts_although_it_only_reads(
    settings: Settings, portrait: bytes, path: str, method: str
) -> None:
    client = visitor(app_of(replace(settings, rate="3/hour")))
    result = post_photo(client, portrait, to=PAGE).location
    statuses = [client.open(f"{result}/{path}", method=method).status_code for _ in range(12)]
    assert statuses == [200] * 2 + [429] * 10
    assert client.get(f"{result}/photo.jpg").status_code == 200


def test_an_album_as_a_zip_counts(settings: Settings, portrait: bytes) -> None:
    client = visitor(app_of(replace(settings, rate=TWO)))
    album = post_photo(client, portrait, to="/albums").location
    assert [client.get(f"{album}/annotated.zip").status_code for _ in range(2)] == [200, 429]
    assert client.get(album).status_code == 200


@pytest.mark.parametrize(
    ("first", "second", "alike"),
    [
        ("192.0.2.7", "192.0.2.8", False),
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
    ],
)
def test_an_address_is_a_client_and_so_is_an_ipv6_network(
    settings: Settings, portrait: bytes, first: str, second: str, alike: bool
) -> None:
    app = app_of(replace(settings, rate="1/minute"))
    assert post_photo(visitor(app, first), portrait, to=API).status_code == 200
    answer = post_photo(visitor(app, second), portrait, to=API)
    assert answer.status_code == (429 if alike else 200)


def test_users_count_for_themselves_wherever_they_are(settings: Settings, portrait: bytes) -> None:
    app = app_of(replace(settings, rate="1/minute"))
    assert post_photo(visitor(app, user="ada"), portrait, to=API).status_code == 200
    assert post_photo(visitor(app, user="bob"), portrait, to=API).status_code == 200
    elsewhere = visitor(app, "192.0.2.9", user="ada")
    assert post_photo(elsewhere, portrait, to=API).status_code == 429


def test_an_address_from_nowhere_is_a_client_too(settings: Settings) -> None:
    with app_of(settings).test_request_context(environ_base={"REMOTE_ADDR": ""}):
        assert client_key() == "nowhere"


def test_this_machine_itself_is_limited_only_if_told_so(settings: Settings) -> None:
    free, strict = app_of(settings), app_of(replace(settings, rate=TWO))
    assert all(free.test_client().post(API).status_code == 400 for _ in range(125))
    assert [strict.test_client().post(API).status_code for _ in range(3)] == [400, 400, 429]


def test_others_have_a_generous_limit_by_default_and_none_if_it_is_off(settings: Settings) -> None:
    guarded, off = visitor(app_of(settings)), visitor(app_of(replace(settings, rate=OFF)))
    statuses = [guarded.post(API).status_code for _ in range(121)]
    assert (statuses[:120], statuses[120]) == ([400] * 120, 429)
    assert all(off.post(API).status_code == 400 for _ in range(125))


@pytest.mark.parametrize("to", [API, PAGE, "/albums", "/api/v1/albums"])
def test_a_body_of_unknown_length_is_refused_with_a_sentence(client: FlaskClient, to: str) -> None:
    answer = client.post(to, headers={"Transfer-Encoding": "chunked"})
    assert answer.status_code == 411
    assert "needs a Content-Length" in answer.text


def test_a_proxy_on_this_machine_that_is_not_believed_is_one_client_and_no_free_one(
    settings: Settings, portrait: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    client = visitor(app_of(settings), "127.0.0.1")
    answers = [
        client.post(API, headers={"X-Forwarded-For": f"192.0.2.{number}"}) for number in range(121)
    ]
    assert [answer.status_code for answer in answers[-2:]] == [400, 429]
    warnings = [record for record in caplog.records if "AGELENS_PROXIES" in record.getMessage()]
    assert len(warnings) == 1
    assert post_photo(visitor(app_of(settings), "127.0.0.1"), portrait).status_code == 303


@pytest.fixture
def shared(settings: Settings, redis_port: int) -> Settings:
    """Of several machines, which count in one Redis."""
    return replace(settings, queue=f"redis://127.0.0.1:{redis_port}/0", rate=TWO)


def statuses_of(client: FlaskClient, posts: int) -> list[int]:
    return [client.post(API).status_code for _ in range(posts)]


def test_two_machines_count_together_until_redis_dies_which_takes_nothing_down(
    shared: Settings, redis: Program
) -> None:
    redis.start()
    here, there = visitor(app_of(shared)), visitor(app_of(shared))
    statuses = [client.post(API).status_code for client in (here, there, here, there)]
    assert statuses == [400, 400, 429, 429]
    redis.kill()
    assert statuses_of(here, 3) == [400, 400, 429]


def test_without_redis_the_site_stays_up_and_each_machine_counts_alone(shared: Settings) -> None:
    for machine in (visitor(app_of(shared)), visitor(app_of(shared))):
        assert statuses_of(machine, 3) == [400, 400, 429]

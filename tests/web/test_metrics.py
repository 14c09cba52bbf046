"""/metrics counts what happened, and is read by those who may."""

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from tests.samples import encoded, grace_hopper
from tests.web.fakes import app_with
from tests.web.posts import API, post_photo
from webapp.settings import Settings


def values(text: str) -> dict[str, float]:
    """Every sample as ``name{label}`` with the labels' values only."""
    return {
        f"{sample.name}{{{','.join(sample.labels.values())}}}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_happened_is_counted(client: FlaskClient, portrait: bytes) -> None:
    for _ in range(3):
        post_photo(client, portrait, to=API)
    post_photo(client, portrait, to=API, detector="haar")  # never finds a face
    post_photo(client, b"no photo", to=API)
    post_photo(client, portrait, to="/albums")
    answer = client.get("/metrics")
    assert answer.content_type.startswith("text/plain; version=")
    told = values(answer.text)
    assert told["agelens_photos_total{faces}"] == 3
    assert told["agelens_photos_total{no_faces}"] == 1
    assert told["agelens_photos_total{failed}"] == 1
    assert told["agelens_faces_total{}"] == 6
    assert told["agelens_refusals_total{not_a_photo}"] == 1
    for stage in ("decode", "detect", "estimate"):
        assert told[f"agelens_stage_seconds_count{{{stage}}}"] == 4
    assert told["agelens_request_seconds_count{api.analyze}"] == 5
    assert told["agelens_queue_photos{}"] == 1
    assert told["agelens_analyses_running{}"] == told["agelens_analyses_waiting{}"] == 0
    assert told["agelens_resident_memory_bytes{}"] > 10_000_000
    assert any(name.startswith("agelens_build_info{") for name in told)


@pytest.mark.parametrize(
    ("peer", "headers", "proxies", "status"),
    [
        ("127.0.0.1", {}, 0, 200),
        ("127.8.8.8", {}, 1, 200),
        ("::1", {}, 0, 200),
        ("192.0.2.7", {}, 0, 403),
        # A proxy on this machine speaks for somebody else, whatever it or he claims.
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 1, 403),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 1, 403),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 0, 403),
        ("192.0.2.7", {"X-Forwarded-For": "127.0.0.1"}, 1, 403),
        ("127.0.0.1", {"Via": "1.1 proxy"}, 0, 403),
        ("127.0.0.1", {"X-Forwarded-Host": "faces.example"}, 0, 403),
        # One that does not say that it is a proxy passes on the name that was asked for.
        ("127.0.0.1", {"Host": "faces.example"}, 0, 403),
        ("127.0.0.1", {"Host": "["}, 0, 403),
        ("127.0.0.1", {"Host": "[::1]:8000"}, 0, 200),
    ],
)
def test_only_this_machine_reads_it_by_default(
    settings: Settings, peer: str, headers: dict[str, str], proxies: int, status: int
) -> None:
    client = app_with(settings, proxies=proxies).test_client()
    client.environ_base["REMOTE_ADDR"] = peer
    assert client.get("/metrics", headers=headers).status_code == status


def test_a_plain_proxy_pass_of_nginx_is_no_reader(client: FlaskClient) -> None:
    """It sends no header of its own, names us by our address and speaks HTTP/1.0."""
    plain = {"SERVER_PROTOCOL": "HTTP/1.0", "HTTP_HOST": "127.0.0.1:8000"}
    assert client.get("/metrics", environ_overrides=plain).status_code == 403


def test_everybody_or_nobody_reads_it_if_told_so(settings: Settings) -> None:
    for readers, status in (("open", 200), ("off", 404)):
        client = app_with(settings, metrics=readers).test_client()
        client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
        assert client.get("/metrics").status_code == status


def test_an_unknown_page_makes_no_series_of_its_own(client: FlaskClient) -> None:
    for number in range(5):
        client.get(f"/nothing-{number}")
    told = values(client.get("/metrics").text)
    assert told["agelens_request_seconds_count{none}"] == 5
    assert told["agelens_refusals_total{not_found}"] == 5


def test_apps_do_not_count_for_one_another(settings: Settings) -> None:
    first, second = app_with(settings).test_client(), app_with(settings).test_client()
    post_photo(first, encoded(grace_hopper()), to=API)
    assert "agelens_photos_total{faces}" not in values(second.get("/metrics").text)

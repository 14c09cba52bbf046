"""Whatever goes wrong with the disk or the bucket is one of the store's own errors, in time."""

import errno
import os
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import fsspec
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.samples import encoded, grace_hopper
from tests.store.conftest import use_endpoint
from tests.waiting import PATIENCE
from tests.web.fakes import app_with
from tests.web.posts import post_photo
from webapp.results.runs import RECORD
from webapp.results.store.errors import StoreError, StoreFull, StoreUnavailable, UnknownResult
from webapp.results.store.result_store import MARK, NOBODY, ResultStore
from webapp.settings import Settings

HOUR = timedelta(hours=1)
ID = "a" * 32
USES: dict[str, Callable[[ResultStore], object]] = {
    "create": lambda store: store.create({"a": b"1"}, NOBODY),
    "open": lambda store: store.open(ID, NOBODY),
    "delete": lambda store: store.delete(ID, NOBODY),
    "read": lambda store: store.read(ID, "a"),
    "read_all": lambda store: store.read_all(ID, ["a", "b"]),
    "ages": lambda store: store.ages(ID),
    "add": lambda store: store.add(ID, "a", b"1"),
    "claim": lambda store: store.claim(ID, "a", b"1"),
    "drop": lambda store: store.drop(ID, "a"),
    "ids": lambda store: store.ids(),
    "sweep": lambda store: store.sweep(),
}


@pytest.fixture(params=sorted(USES))
def use(request: pytest.FixtureRequest) -> Callable[[ResultStore], object]:
    return USES[request.param]


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Lets buckets be at a port of this machine."""
    yield lambda port: use_endpoint(f"http://127.0.0.1:{port}", monkeypatch)
    fsspec.get_filesystem_class("s3").clear_instance_cache()


@pytest.fixture
def silent(endpoint: Callable[[int], None]) -> Iterator[None]:
    """A bucket that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        endpoint(server.getsockname()[1])
        yield


def test_a_bucket_that_is_away_is_unavailable(
    endpoint: Callable[[int], None], use: Callable[[ResultStore], object]
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        endpoint(nobody.getsockname()[1])
        with pytest.raises(StoreUnavailable):
            use(ResultStore("s3://away/results", HOUR))


@pytest.mark.parametrize("status", [200, 403, 500, 503])
def test_a_bucket_that_talks_nonsense_is_unavailable(
    endpoint: Callable[[int], None], status: int
) -> None:
    class Nonsense(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "9")
            self.end_headers()
            self.wfile.write(b"<nonsense")

        do_PUT = do_HEAD = do_POST = do_GET  # noqa: N815 # as the library wants them named

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Nonsense) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        endpoint(server.server_address[1])
        store = ResultStore("s3://nonsense/results", HOUR)
        for name in ("ids", "ages", "delete", "sweep"):
            with pytest.raises(StoreError):
                USES[name](store)
        server.shutdown()


def test_a_bucket_that_was_removed_is_unavailable(bucket: str) -> None:
    store = ResultStore(bucket, HOUR)
    result_id = store.create({}, NOBODY)
    store.drop(result_id, MARK)
    boto3.client("s3").delete_bucket(Bucket=bucket.split("/")[2])
    for act in (lambda: store.open(result_id, NOBODY), store.ids, store.sweep):
        with pytest.raises(StoreUnavailable):
            act()


def all_at_once(acts: Iterable[Callable[[], Any]]) -> list[Any]:
    """What acts return, each in a thread of its own, as fast as the slowest."""
    with ThreadPoolExecutor(20) as threads:
        return [one.result(PATIENCE) for one in [threads.submit(act) for act in acts]]


@pytest.mark.slow
@pytest.mark.usefixtures("silent")
def test_a_bucket_that_does_not_answer_is_given_up() -> None:
    store = ResultStore("s3://silent/results", HOUR)

    def given_up(use: Callable[[ResultStore], object]) -> bool:
        with pytest.raises(StoreUnavailable):
            use(store)
        return True

    assert all(all_at_once(partial(given_up, use) for use in USES.values()))


def client_of(store: str | None, data_dir: Path) -> FlaskClient:
    settings = Settings(data_dir=data_dir, secret_key="k" * 32, store=store)
    return app_with(settings).test_client()


@pytest.mark.slow
@pytest.mark.usefixtures("silent")
def test_pages_say_so_while_the_bucket_hangs(tmp_path: Path) -> None:
    app = client_of("s3://silent", tmp_path).application
    photo = encoded(grace_hopper())
    asked: list[Callable[[FlaskClient], TestResponse]] = [
        lambda client: client.get(f"/analyses/{ID}"),
        lambda client: client.get(f"/analyses/{ID}/photo.jpg"),
        lambda client: client.get(f"/albums/{ID}"),
        lambda client: client.get(f"/api/v1/albums/{ID}"),
        lambda client: client.delete(f"/api/v1/albums/{ID}"),
        lambda client: post_photo(client, photo),
    ]
    for answer in all_at_once(partial(ask, app.test_client()) for ask in asked):
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0


FAULTS = {
    **dict.fromkeys(("EACCES", "EROFS", "EIO", "ENOTCONN", "ESTALE", "EMFILE"), StoreUnavailable),
    **dict.fromkeys(("ENOSPC", "EDQUOT"), StoreFull),
}


@pytest.mark.parametrize(("name", "error"), FAULTS.items())
def test_a_disk_that_fails_is_unavailable_or_full(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    use: Callable[[ResultStore], object],
    name: str,
    error: type[StoreError],
) -> None:
    number = getattr(errno, name)

    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    store = ResultStore(str(tmp_path), HOUR)
    with monkeypatch.context() as patch:
        for method in ("open", "stat", "mkdir", "unlink", "read_bytes"):
            patch.setattr(Path, method, fail)
        patch.setattr(os, "scandir", fail)
        with pytest.raises(error):
            use(store)


def test_a_store_below_a_file_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for place in ("file", "file/results"):
        for use in ("create", "open", "read", "add"):
            with pytest.raises(StoreUnavailable):
                USES[use](ResultStore(str(tmp_path / place), HOUR))


@pytest.mark.parametrize("name", ["9" * 250 + ".jpg", "9" * 3000, "../x", "a/b", ".x", "", "a\0"])
def test_a_name_that_is_none_never_reaches_the_store(address: str, name: str) -> None:
    store = ResultStore(address, HOUR)
    stored = store.open_unchecked(store.create({"a": b"1"}, NOBODY))
    for use in (
        lambda: stored.read(name),
        lambda: stored.read_all([name]),
        lambda: stored.add(name, b"2"),
        lambda: stored.claim(name),
        lambda: stored.drop(name),
    ):
        with pytest.raises(UnknownResult):
            use()
    assert set(stored.ages()) == {"a", MARK}


@pytest.mark.parametrize("digits", [20, 250, 3000])
def test_a_picture_with_an_enormous_number_is_not_found(tmp_path: Path, digits: int) -> None:
    client, number = client_of(None, tmp_path), "9" * digits
    result = ResultStore(str(tmp_path / "results"), HOUR).create({}, NOBODY)
    album = ResultStore(str(tmp_path / "albums"), HOUR).create({}, NOBODY)
    for address in (
        f"/analyses/{result}/faces/{number}.jpg",
        f"/analyses/{result}/faces/{number}-gender.jpg",
        f"/compare/{result}/panel-{number}.webp",
        f"/albums/{album}/photos/{number}/thumbnail.jpg",
        f"/albums/{album}/photos/{number}/annotated.jpg",
    ):
        assert client.get(address).status_code == 404, address


INVALID = b'{"version": 2, "name": "\xff"}'


def test_a_damaged_record_is_refused_with_a_sentence(tmp_path: Path) -> None:
    client = client_of(None, tmp_path)
    for record in (b"", b"garbage", b"[]", b'{"name": 7}', b'{"version": 2}', INVALID):
        result = ResultStore(str(tmp_path / "results"), HOUR).create({RECORD: record}, NOBODY)
        answer = client.get(f"/analyses/{result}")
        assert answer.status_code == 503
        assert "analyse the photo again" in answer.text


def test_an_address_that_no_installed_package_reaches_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def missing(protocol: str) -> None:
        raise ImportError(f"Install s3fs to access {protocol}")

    with pytest.raises(StoreUnavailable, match="nosuch://"):
        ResultStore("nosuch://bucket", HOUR)
    monkeypatch.setattr(fsspec, "get_filesystem_class", missing)
    with pytest.raises(StoreUnavailable, match="Install s3fs"):
        client_of("s3://bucket", tmp_path)

"""The server's part between sockets and app, without sockets."""

import asyncio
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from webapp.server.asgi import ServerLimits, ThreadedApp, environ_of
from webapp.server.waits import Waits


def answer_of(length: int) -> Callable[..., list[bytes]]:
    def app(_: object, start: Callable[..., object]) -> list[bytes]:
        start("200 OK", [("Content-Length", str(length))])
        return [bytes(length)]

    return app


@pytest.mark.parametrize("length", [999, 1000, 1001, 3000])
def test_a_response_that_is_longer_than_all_responses_may_be_is_sent_all_the_same(
    length: int,
) -> None:
    limits = ServerLimits(1, request_bytes=1000, response_bytes=1000, body_bytes=lambda _: 0)
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def answer() -> None:
        scope = {"method": "GET", "path": "/", "query_string": b"", "http_version": "1.1"}
        scope |= {"scheme": "http", "server": None, "client": None, "headers": []}
        await ThreadedApp(answer_of(length), limits, Waits())(scope, None, send)

    # The browser tests leave an event loop behind in their thread.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, answer()).result()
    assert b"".join(message.get("body", b"") for message in sent) == bytes(length)


@pytest.mark.parametrize(
    ("target", "host", "path"),
    [
        ("/about", "a.example", "/about"),
        ("/http://b.example/", "a.example", "/http://b.example/"),
        ("http://b.example:81/about", "b.example:81", "/about"),
        ("HTTP://b.example", "b.example", "/"),
        ("https://b.example/é", "b.example", "/é"),
    ],
)
def test_a_target_in_absolute_form_names_host_and_path(target: str, host: str, path: str) -> None:
    scope = {"method": "GET", "path": target, "query_string": b"", "http_version": "1.1"}
    scope |= {"scheme": "http", "server": None, "client": None}
    environ = environ_of(scope | {"headers": [(b"host", b"a.example")]}, io.BytesIO())
    assert environ["HTTP_HOST"] == host
    assert environ["PATH_INFO"].encode("latin-1").decode() == path

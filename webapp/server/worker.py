"""gunicorn's worker for agelens: uvicorn's, with a limit on every wait for a client."""

import asyncio
import logging
import time
from contextvars import ContextVar
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn_worker import UvicornWorker

from webapp.server.waits import HEAD_PACE, Wait, Waits

_served: ContextVar["Connection"] = ContextVar("connection")


class Connection(H11Protocol):
    """A connection on which a request must begin, and its head arrive, in time.

    Only what ``asyncio.Protocol`` promises is used of uvicorn's class.
    """

    waits = Waits()
    most = 1000
    count = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        Connection.count += 1
        self._transport = transport
        self._unsent = 0
        if Connection.count > self.most and not self.waits.evict_one():
            transport.abort()
        self._wait = self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        Connection.count -= 1
        self._wait.close()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        _served.set(self)  # the app runs in a task that begins here
        super().data_received(data)

    def request_began(self) -> None:
        """The request's head has arrived, and the app starts."""
        self._wait.close()

    def request_ended(self) -> None:
        """The app is done; the next request may begin."""
        if not self._transport.is_closing() or self._transport.get_write_buffer_size():
            self._wait = self._await_request()

    def _await_request(self) -> Wait:
        return Wait(self.waits, HEAD_PACE, self._give_up)

    def _give_up(self) -> None:
        """Close the connection, unless its client is still reading the last response."""
        before, self._unsent = self._unsent, self._transport.get_write_buffer_size()
        if self._wait.is_evicted or not self._unsent or self._unsent == before:
            self._transport.abort()
        else:
            self._wait = self._await_request()


class NoMoreFiles(logging.Filter):
    """Tells in one line, now and then, that no connection can be accepted.

    asyncio then pauses for a second, but logs every attempt before, each with a traceback.
    """

    SECONDS = 10.0

    def __init__(self) -> None:
        super().__init__()
        self._next = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to tell."""
        if not record.getMessage().startswith("socket.accept() out of system resource"):
            return True
        record.msg, record.args = "Too many files are open; new clients wait.", ()
        record.exc_info = None
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + self.SECONDS
        return True


def watched(app: Any) -> Any:
    """Wraps an ASGI app to tell connections when it starts and ends working on them."""

    async def watched_app(scope: Any, receive: Any, send: Any) -> None:
        connection = _served.get()
        connection.request_began()
        try:
            await app(scope, receive, send)
        finally:
            connection.request_ended()

    return watched_app


class Worker(UvicornWorker):  # type: ignore[misc] # ships no types
    """Serves ``wsgi``, which ``webapp.gunicorn_conf`` turns into an ASGI app."""

    CONFIG_KWARGS = {  # noqa: RUF012 # as uvicorn-worker declares it
        "loop": "asyncio",
        "http": Connection,
        "ws": "none",
        "lifespan": "off",
        "interface": "asgi3",
        # webapp.app handles trusted proxies.
        "proxy_headers": False,
        "access_log": False,
        "server_header": False,
        "h11_max_incomplete_event_size": 65_536,
    }

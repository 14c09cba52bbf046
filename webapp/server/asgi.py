"""Runs a WSGI app in a thread pool, as an ASGI app.

A thread gets a request once its whole body has arrived, and is free between the pieces of its
response: threads never wait for clients.
"""

import asyncio
import logging
import re
import sys
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from werkzeug.test import run_wsgi_app

from webapp.server.waits import BODY_PACE, RESPONSE_PACE, Budget, Wait, Waits

log = logging.getLogger(__name__)

Environ = dict[str, Any]
Pieces = Generator[bytes, None, None]
# Larger bodies lie in a temporary file.
MOST_IN_MEMORY = 100_000
PIECE_BYTES = 1 << 18
# The beginning of a request target in absolute form (RFC 9112, section 3.2.2).
_ABSOLUTE = re.compile(r"https?://([!-.0-~]*)", re.IGNORECASE)
REFUSAL = "agelens.refusal"
"""WSGI environment key for a request whose body did not arrive: the status to answer with."""


class ClientGone(Exception):
    """The client closed the connection before its request was complete."""


@dataclass(frozen=True)
class ServerLimits:
    """Limits on what clients may occupy in one process."""

    threads: int
    # Bodies, most of them in temporary files, until they are answered.
    request_bytes: int
    # Responses in memory, until they are sent.
    response_bytes: int
    # The longest body that the app takes for a request; a longer one is never received.
    body_bytes: Callable[[Environ], int]


class ThreadedApp:
    """Runs ``app`` within ``limits``."""

    def __init__(self, app: Any, limits: ServerLimits, waits: Waits) -> None:
        self._app = app
        self._body_bytes = limits.body_bytes
        self._pool = ThreadPoolExecutor(limits.threads, "request")
        self._requests = Budget(limits.request_bytes)
        self._responses = Budget(limits.response_bytes)
        self._waits = waits

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, unless its client goes away."""
        with ExitStack() as held:
            body = held.enter_context(SpooledTemporaryFile(MOST_IN_MEMORY))
            environ = environ_of(scope, body)
            if 0 < int(environ.get("CONTENT_LENGTH", 0)) <= self._body_bytes(environ):
                deadline = asyncio.timeout(None)
                wait = Wait(self._waits, BODY_PACE, partial(_expire_now, deadline), self._requests)
                held.enter_context(closing(wait))
                try:
                    async with deadline:
                        await _receive(receive, body, wait)
                except TimeoutError:
                    environ[REFUSAL] = 503 if wait.is_evicted else 408
                except ClientGone:
                    return
                except OSError:
                    log.exception("A request could not be stored.")
                    environ[REFUSAL] = 507
                finally:
                    wait.end()
            await self._respond(environ, send)

    async def _respond(self, environ: Environ, send: Any) -> None:
        run = partial(asyncio.get_running_loop().run_in_executor, self._pool)
        status, headers, pieces, piece = await run(_run, self._app, environ)
        deadline = asyncio.timeout(None)
        wait = Wait(self._waits, RESPONSE_PACE, partial(_expire_now, deadline), self._responses)
        with closing(pieces), closing(wait):
            length = int(dict(headers).get(b"content-length", 0))
            wait.hold(min(length, self._responses.most))  # one that is longer has it all to itself
            try:
                async with deadline:
                    await send(
                        {"type": "http.response.start", "status": status, "headers": headers}
                    )
                    while len(piece) >= PIECE_BYTES:
                        await send({"type": "http.response.body", "body": piece, "more_body": True})
                        wait.moved(len(piece))
                        piece = await run(next, pieces, b"")
                    await send({"type": "http.response.body", "body": piece})
            except TimeoutError:
                log.warning("A client read its response too slowly.")


def environ_of(scope: Any, body: IO[bytes]) -> Environ:
    """The WSGI environment (PEP 3333) of an ASGI request.

    Headers with an underscore are dropped: ``X_Forwarded_For`` would pass for the one of a proxy.
    """
    host, port = scope["server"] or ("localhost", None)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 80),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if scope["client"]:  # a Unix socket has none
        environ["REMOTE_ADDR"] = scope["client"][0]
    for name, value in scope["headers"]:
        if b"_" in name:
            continue
        variable = name.decode("latin-1").upper().replace("-", "_")
        if variable not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            variable = f"HTTP_{variable}"
        text = value.decode("latin-1")
        environ[variable] = f"{environ[variable]},{text}" if variable in environ else text
    if absolute := _ABSOLUTE.match(scope["path"]):  # its host counts, whatever Host says
        environ["HTTP_HOST"] = absolute[1]
        environ["PATH_INFO"] = environ["PATH_INFO"][absolute.end() :] or "/"
    return environ


async def _receive(receive: Any, body: IO[bytes], wait: Wait) -> None:
    """Store a body as it comes. Raises ClientGone, or OSError if the disk is full."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        data = message["body"]
        body.write(data)
        wait.moved(len(data))
        wait.hold(len(data))
        more = message["more_body"]
    body.seek(0)


def _run(app: Any, environ: Environ) -> tuple[int, list[tuple[bytes, bytes]], Pieces, bytes]:
    """Status, headers and body of the response, with the first piece already fetched."""
    chunks, status, headers = run_wsgi_app(app, environ)
    if REFUSAL in environ or "HTTP_TRANSFER_ENCODING" in environ:
        # What still comes of the body is no request; nor is what follows a body whose length a
        # proxy in front may have taken from another header (RFC 9112, section 6.1).
        headers["Connection"] = "close"
    pairs = [(name.lower().encode("latin-1"), text.encode("latin-1")) for name, text in headers]
    pieces = _pieces(chunks)
    return int(status[:3]), pairs, pieces, next(pieces, b"")


def _pieces(chunks: Iterable[bytes]) -> Pieces:
    """The same bytes in pieces of at least PIECE_BYTES, but for the last one."""
    piece = bytearray()
    try:
        for chunk in chunks:
            piece += chunk
            if len(piece) >= PIECE_BYTES:
                yield bytes(piece)
                piece.clear()
        yield bytes(piece)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()


def _expire_now(deadline: asyncio.Timeout) -> None:
    """Make a deadline expire now."""
    deadline.reschedule(asyncio.get_running_loop().time())

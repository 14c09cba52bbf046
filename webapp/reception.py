"""gunicorn's threaded worker with a reception in front: slow clients wait there, not in a thread.

As it comes, the worker gives every connection a thread, which then reads from the client without
any limit of time: as many clients as threads, each sending a byte now and then, stop a server. Here
the event loop receives every request, as a buffering proxy would: a thread takes it when its last
byte is here. Who sends too slowly is told so (408), and when there are too many connections the
one that was silent for longest makes room for the next.
"""

from __future__ import annotations

import json
import re
import selectors
import socket
import struct
import tempfile
import time
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any

from gunicorn.http.parser import RequestParser
from gunicorn.http.unreader import Unreader
from gunicorn.workers.gthread import TConn, ThreadWorker

from webapp.settings import Settings

# Apache's mod_reqtimeout gives a head 20 seconds, too, and asks for 500 bytes a second after that;
# the slowest dial-up line manages 4,000.
WINDOW_SECONDS = 20.0
LEAST_BYTES = 20_000
# Of a client that takes nothing of its answer for so long a thread has had enough.
SEND_SECONDS = 30
# How long a connection that we have closed waits for the client to close it, too.
LINGER_SECONDS = 2.0
# Uploads of the largest size that may lie on the disk at once in one worker.
MOST_LARGE_UPLOADS = 4
# gunicorn allows 100 fields of 8190 bytes; more than this much is refused by its parser.
MOST_HEAD_BYTES = 100_000
# What is larger lies in a temporary file.
MOST_IN_MEMORY = 100_000
_CHUNK_BYTES = 1 << 18
# Fields and heads of parts beside the photos, generously.
_FORM_BYTES = 1_000_000
_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_CODED = re.compile(rb"^transfer-encoding:", re.IGNORECASE | re.MULTILINE)
_EXPECTS = re.compile(rb"^expect:[ \t]*100-continue", re.IGNORECASE | re.MULTILINE)


class Incoming:
    """One request while it arrives.

    It is ``whole`` when a thread need not wait for more of it; a body that is larger than
    ``most_bytes`` is dropped as it arrives, because the app refuses it by its length alone.
    """

    def __init__(self, now: float, most_bytes: int) -> None:
        self.file = tempfile.SpooledTemporaryFile(MOST_IN_MEMORY)  # noqa: SIM115 # see close()
        self.whole = False
        self.surplus = b""
        self.expects_continue = False
        # How much is kept, and when the last byte came.
        self.size = 0
        self.heard = now
        self._most_bytes = most_bytes
        self._head = bytearray()
        # Bytes of the body that are still to come; None while the head is not complete.
        self._missing: int | None = None
        self._kept = True
        self._window_began = now
        self._window_bytes = 0

    @property
    def is_api(self) -> bool:
        """Whether the client is a program that wants JSON."""
        return b" /api/" in self._head[:40]

    def is_idle(self, now: float) -> bool:
        """Whether nothing has arrived yet, and not only because it is on its way."""
        return not self._head and now - self.heard >= LINGER_SECONDS

    def take(self, data: bytes, now: float) -> None:
        """Add what has arrived. Raises OSError where the disk is full."""
        self.heard = now
        self._window_bytes += len(data)
        if self._missing is None:
            data = self._take_head(data)
        if self._missing is not None:
            self._take_body(data)

    def is_late(self, now: float) -> bool:
        """Whether the head, or enough of the body, did not arrive within the last window."""
        if now - self._window_began < WINDOW_SECONDS:
            return False
        if self._missing is None or self._window_bytes < LEAST_BYTES:
            return True
        self._window_began, self._window_bytes = now, 0
        return False

    def close(self) -> None:
        """Throw away what has arrived."""
        self.file.close()

    def _take_head(self, data: bytes) -> bytes:
        """What of ``data`` comes after the head."""
        self._head += data
        end = self._head.find(_HEAD_END, max(0, len(self._head) - len(data) - len(_HEAD_END)))
        if end < 0:
            if len(self._head) > MOST_HEAD_BYTES:
                self._keep(bytes(self._head))
                self._finish()
            return b""
        rest = bytes(self._head[end + len(_HEAD_END) :])
        del self._head[end + len(_HEAD_END) :]
        self._keep(bytes(self._head))
        self._missing = self._announced()
        self._kept = self._missing <= self._most_bytes
        self.expects_continue = self._missing > 0 and bool(_EXPECTS.search(self._head))
        return rest

    def _announced(self) -> int:
        """The body's length. A head that is ambiguous has none: gunicorn's parser refuses it, and
        the app a body that does not say its length.
        """
        lengths = _LENGTH.findall(self._head)
        return int(lengths[0]) if len(lengths) == 1 and not _CODED.search(self._head) else 0

    def _take_body(self, data: bytes) -> None:
        missing = self._missing or 0
        if self._kept:
            self._keep(data[:missing])
        self.surplus = data[missing:]
        self._missing = max(0, missing - len(data))
        if not self._missing:
            self._finish()

    def _keep(self, data: bytes) -> None:
        self.file.write(data)
        self.size += len(data)

    def _finish(self) -> None:
        self.file.seek(0)
        self.whole = True


class Received(Unreader):  # type: ignore[misc] # gunicorn ships no types
    """Gives gunicorn's parser what was received, and never asks the socket for more."""

    def __init__(self, incoming: Incoming) -> None:
        super().__init__()
        self.incoming = incoming
        # Whether the parser wanted more than came: then nobody knows where the next request begins.
        self.starved = False

    def chunk(self, size_hint: int | None = None) -> bytes:
        data = self.incoming.file.read(min(max(size_hint or 0, 8192), _CHUNK_BYTES))
        self.starved = self.starved or not data
        return data


class Worker(ThreadWorker):  # type: ignore[misc] # gunicorn ships no types
    """The threaded worker, whose threads get whole requests only."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._receiving: set[TConn] = set()
        # Closed by us; what the client still sends is dropped until then.
        self._lingering: dict[TConn, float] = {}
        self._most_bytes = self._most_spooled = 0

    def init_process(self) -> None:
        """Start to work; returns at the end."""
        settings = Settings.from_environment()
        self._most_bytes = settings.album_bytes + settings.max_bytes + _FORM_BYTES
        self._most_spooled = MOST_LARGE_UPLOADS * self._most_bytes
        super().init_process()

    def enqueue_req(self, conn: TConn) -> None:
        """A connection is new, or its next request begins: receive that before a thread is used."""
        self._make_room()
        conn.sock.setblocking(False)
        surplus = conn.incoming.surplus if hasattr(conn, "incoming") else b""
        conn.incoming = Incoming(time.monotonic(), self._most_bytes)
        self._receiving.add(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._receive, conn))
        if surplus:
            self._take(conn, surplus)

    def finish_request(self, conn: TConn, future: Future[Any]) -> None:
        """A thread is done with a connection: keep it for the next request, or close it.

        gunicorn waits here for the client's end of a closed connection, and everybody waits with
        it; ours lingers beside.
        """
        conn.incoming.close()
        answered = not future.cancelled() and future.exception() is None and future.result()
        keep = answered and not conn.parser.unreader.starved
        if keep and conn.incoming.surplus:
            self.enqueue_req(conn)
        elif keep:
            super().finish_request(conn, future)
        else:
            self._close(conn)

    def murder_pending(self) -> None:
        """Close what is too slow; gunicorn calls this every second."""
        now = time.monotonic()
        for conn in [one for one in self._receiving if one.incoming.is_late(now)]:
            self._refuse(conn, HTTPStatus.REQUEST_TIMEOUT, "The request arrived too slowly.")
        if not self.alive:  # browsers open connections that they may never use
            for conn in [one for one in self._receiving if one.incoming.is_idle(now)]:
                self._end(conn)
        for conn in [one for one, deadline in self._lingering.items() if deadline < now]:
            self._end(conn)

    def handle_error(self, request: Any, client: Any, _address: Any, error: Exception) -> None:
        """Answer a request that is no HTTP, and keep its address and path out of the log."""
        if request is not None:
            request.uri = "(path not logged)"
        super().handle_error(request, client, ("(address not logged)", 0), error)

    def _receive(self, conn: TConn, sock: socket.socket) -> None:
        if conn not in self._receiving:
            return  # made room for another one within the same turn of the loop
        try:
            data = sock.recv(_CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._take(conn, data)
        else:
            self._end(conn)

    def _take(self, conn: TConn, data: bytes) -> None:
        try:
            conn.incoming.take(data, time.monotonic())
        except OSError:
            self.log.exception("A request could not be kept on the disk.")
            sentence = "The server has no room left. Please try again later."
            self._refuse(conn, HTTPStatus.INSUFFICIENT_STORAGE, sentence)
            return
        if conn.incoming.whole:
            self._forget(conn)
            self._hand_over(conn)
        elif sum(one.incoming.size for one in self._receiving) > self._most_spooled:
            sentence = "The server is busy with other uploads. Please try again in a moment."
            self._refuse(conn, HTTPStatus.SERVICE_UNAVAILABLE, sentence)
        elif conn.incoming.expects_continue:
            conn.incoming.expects_continue = False
            with suppress(OSError):
                conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _hand_over(self, conn: TConn) -> None:
        """Give a whole request to a thread, which only ever waits for the client to read."""
        if conn.parser is None:
            conn.parser = RequestParser(self.cfg, iter(()), conn.client)
            conn.parser.unreader = Received(conn.incoming)
            conn.sock.setsockopt(
                socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_SECONDS, 0)
            )
        conn.parser.unreader.incoming = conn.incoming
        conn.data_ready = True
        super().enqueue_req(conn)

    def _make_room(self) -> None:
        if self._receiving and self.nr_conns >= self.worker_connections:
            self._end(min(self._receiving, key=lambda conn: conn.incoming.heard))

    def _refuse(self, conn: TConn, status: HTTPStatus, sentence: str) -> None:
        """Answer from here, without a thread, and close."""
        code = status.phrase.lower().replace(" ", "_")
        self.log.warning("Refused at the reception: %s", code)
        self.wsgi.extensions["agelens.metrics"].refused(code)
        self._forget(conn)
        with suppress(OSError):
            conn.sock.send(_answer(status, code, sentence, conn.incoming.is_api))
        self._close(conn)

    def _close(self, conn: TConn) -> None:
        """Say goodbye, and give the client time to read what was said."""
        conn.incoming.close()
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._end(conn)
            return
        self._lingering[conn] = time.monotonic() + LINGER_SECONDS
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._drop, conn))

    def _drop(self, conn: TConn, sock: socket.socket) -> None:
        if conn not in self._lingering:
            return
        try:
            ended = not sock.recv(_CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError:
            ended = True
        if ended:
            self._end(conn)

    def _end(self, conn: TConn) -> None:
        self._forget(conn)
        conn.incoming.close()
        conn.close()
        self.nr_conns -= 1

    def _forget(self, conn: TConn) -> None:
        """Stop listening to a connection."""
        self._receiving.discard(conn)
        self._lingering.pop(conn, None)
        with suppress(KeyError, ValueError):
            self.poller.unregister(conn.sock)


def _answer(status: HTTPStatus, code: str, sentence: str, is_api: bool) -> bytes:
    if is_api:
        kind, body = "application/json", json.dumps({"error": {"code": code, "message": sentence}})
    else:
        kind, body = "text/plain; charset=utf-8", sentence
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "Connection: close",
        *(["Retry-After: 5"] if status == HTTPStatus.SERVICE_UNAVAILABLE else []),
    )
    return "\r\n".join((*head, "", body)).encode()

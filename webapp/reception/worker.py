"""gunicorn's threaded worker with a reception in front: slow clients wait there, not in a thread.

As it comes, the worker gives every connection a thread, which then reads from the client and writes
to it without any limit of time: as many clients as threads, each sending a byte now and then, stop
a server. Here the event loop does that, as a buffering proxy would: a thread takes a request when
its last byte is here, and is free when it has said its answer. Who sends too slowly is told so
(408), and when there are too many connections the one that was silent for longest makes room.
"""

from __future__ import annotations

import json
import selectors
import socket
import time
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any

from gunicorn.http.parser import RequestParser
from gunicorn.workers.gthread import TConn, ThreadWorker

from webapp import logs
from webapp.reception.incoming import Incoming, Received
from webapp.reception.outgoing import Outgoing
from webapp.reception.spool import Budget, OverBudget
from webapp.services import services
from webapp.settings import Settings
from webapp.web.errors import problem_of_status

# How long a connection that we have closed waits for the client to close it, too.
LINGER_SECONDS = 2.0
# Albums of the largest size that may be on their way at once in one worker.
MOST_LARGE_ALBUMS = 4
_CHUNK_BYTES = 1 << 18
# Fields and heads of parts beside the photos, generously.
_FORM_BYTES = 1_000_000


class Worker(ThreadWorker):  # type: ignore[misc] # gunicorn ships no types
    """The threaded worker, whose threads get whole requests only."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._receiving: set[TConn] = set()
        # Closed by us; what the client still sends is dropped until then.
        self._lingering: dict[TConn, float] = {}
        self._sending: dict[TConn, tuple[Outgoing, Future[Any]]] = {}
        self._most_bytes = 0
        self._budget = Budget(0)

    def init_process(self) -> None:
        """Start to work; returns at the end."""
        settings = Settings.from_environment()
        self._most_bytes = settings.album_bytes + settings.max_bytes + _FORM_BYTES
        self._budget = Budget(MOST_LARGE_ALBUMS * self._most_bytes)
        super().init_process()

    def set_accept_enabled(self, enabled: bool) -> None:
        """Listen or not; at the end, first take in who is at the door, then close it.

        gunicorn lets the door stand open, with nobody behind it, until the last request is done.
        """
        if not self.alive:
            for listener in self.sockets:
                self._accept_waiting(listener)
        super().set_accept_enabled(enabled)
        if not self.alive:
            for listener in self.sockets:
                listener.close()

    def _accept_waiting(self, listener: Any) -> None:
        before = -1
        while before < self.nr_conns < self.worker_connections:
            before = self.nr_conns
            self.accept(listener)

    def enqueue_req(self, conn: TConn) -> None:
        """A connection is new, or its next request begins: receive that before a thread is used."""
        self._make_room()
        conn.sock.setblocking(False)
        surplus = conn.incoming.surplus if hasattr(conn, "incoming") else b""
        conn.incoming = Incoming(time.monotonic(), self._most_bytes, self._budget)
        self._receiving.add(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._receive, conn))
        if surplus:
            self._take(conn, surplus)

    def finish_request(self, conn: TConn, future: Future[Any]) -> None:
        """A thread is done with a connection: send what the client did not take yet."""
        conn.incoming.close()
        outgoing, conn.sock = conn.sock, conn.sock.sock
        if not outgoing.is_waiting:
            self._finish_answer(conn, future)
            return
        outgoing.begin_flushing()
        conn.sock.setblocking(False)
        self._sending[conn] = (outgoing, future)
        self.poller.register(conn.sock, selectors.EVENT_WRITE, partial(self._send, conn))

    def _send(self, conn: TConn, _: socket.socket) -> None:
        if conn not in self._sending:
            return
        outgoing, future = self._sending[conn]
        try:
            is_sent = outgoing.flush()
        except OSError:
            self._end(conn)
            return
        if is_sent:
            self._forget(conn)
            self._finish_answer(conn, future)

    def _finish_answer(self, conn: TConn, future: Future[Any]) -> None:
        """Keep a connection for the next request, or close it.

        gunicorn waits here for the client's end of a closed connection, and everybody waits with
        it; ours lingers beside.
        """
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
        for conn in [one for one, (sent, _) in self._sending.items() if sent.is_late(now)]:
            self.log.warning("A client stopped taking its answer.")
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
        except OverBudget:
            sentence = "The server is busy with other uploads. Please try again in a moment."
            self._refuse(conn, HTTPStatus.SERVICE_UNAVAILABLE, sentence)
            return
        except OSError:
            self.log.exception("A request could not be kept on the disk.")
            sentence = "The server has no room left. Please try again later."
            self._refuse(conn, HTTPStatus.INSUFFICIENT_STORAGE, sentence)
            return
        if conn.incoming.whole:
            self._forget(conn)
            self._hand_over(conn)
        elif conn.incoming.expects_continue:
            conn.incoming.expects_continue = False
            with suppress(OSError):
                conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _hand_over(self, conn: TConn) -> None:
        """Give a whole request to a thread, which never waits for the client."""
        if conn.parser is None:
            conn.parser = RequestParser(self.cfg, iter(()), conn.client)
            conn.parser.unreader = Received(conn.incoming)
        conn.parser.unreader.incoming = conn.incoming
        conn.data_ready = True
        conn.sock = Outgoing(conn.sock, self._budget)
        super().enqueue_req(conn)

    def _make_room(self) -> None:
        """Where there are as many connections as may be, end the one that is silent for longest."""
        if self.nr_conns < self.worker_connections:
            return
        heard = {conn: conn.incoming.heard for conn in self._receiving}
        heard.update((conn, outgoing.heard) for conn, (outgoing, _) in self._sending.items())
        if heard:
            self._end(min(heard, key=heard.__getitem__))

    def _refuse(self, conn: TConn, status: HTTPStatus, sentence: str) -> None:
        """Answer from here, without a thread, and close."""
        code = problem_of_status(status).code
        services(self.wsgi).metrics.refused(code)
        self.log.warning("A request was refused at the reception.")
        logs.begin()  # the code belongs to that line only
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
        """Stop listening or sending to a connection."""
        self._receiving.discard(conn)
        self._lingering.pop(conn, None)
        if conn in self._sending:
            self._sending.pop(conn)[0].close()
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

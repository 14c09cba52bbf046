"""Slow clients wait at the reception and take no thread from anybody."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

import pytest

from tests.samples import encoded, grace_hopper
from tests.served.conftest import Running, Start
from webapp import reception
from webapp.reception import Incoming

HEAD = b"POST /api/v1/analyses HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
BEGINNINGS = (b"", b"G", b"GET / HTTP/1.1\r\nHost: lo", HEAD, HEAD + b"--part\r\n")
THREADS = 2


def everything(connection: socket.socket) -> bytes:
    """All that comes until the server closes the connection."""
    return b"".join(iter(lambda: connection.recv(10_000), b""))


@contextmanager
def connections(server: Running, number: int, *beginnings: bytes) -> Iterator[list[socket.socket]]:
    """So many connections, each with one of the beginnings of a request."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(server.connect(beginnings[place % len(beginnings)]))
            for place in range(number)
        ]


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_more_slow_clients_than_threads_hold_up_nobody(serve: Start, beginning: bytes) -> None:
    server = serve("--threads", str(THREADS))
    with connections(server, 10 * THREADS, beginning):
        started = time.monotonic()
        assert server.get("/").status == 200
        assert server.post("/api/v1/analyses", encoded(grace_hopper())).status == 200
        assert time.monotonic() - started < 2.0


def test_clients_that_do_not_close_hold_up_nobody(serve: Start) -> None:
    server = serve("--threads", str(THREADS))
    last = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with connections(server, 10 * THREADS, last):
        started = time.monotonic()
        assert server.get("/healthz").status == 200
        assert time.monotonic() - started < 1.0


def test_when_there_are_too_many_connections_the_most_silent_one_makes_room(serve: Start) -> None:
    server = serve("--threads", str(THREADS), "--worker-connections", "10")
    with connections(server, 30, *BEGINNINGS) as silent:
        assert server.post("/api/v1/analyses", encoded(grace_hopper())).status == 200
        silent[0].settimeout(5)
        assert silent[0].recv(100) == b""


def test_a_body_without_a_length_is_refused_with_a_sentence(serve: Start) -> None:
    server = serve()
    head = (
        b"POST /api/v1/analyses HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with server.connect(head) as connection:
        answer = everything(connection)
    assert answer.startswith(b"HTTP/1.1 411 ")
    assert b'"length_required"' in answer


def test_two_requests_in_one_packet_are_both_answered(serve: Start) -> None:
    one = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with serve().connect(one + last) as connection:
        answers = everything(connection)
    assert answers.count(b'{"status":"ok"}') == 2


def test_who_asks_whether_to_go_on_is_told_so(serve: Start) -> None:
    head = HEAD.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n")
    with serve().connect(head) as connection:
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.mark.parametrize("noise", [b"\x16\x03\x01\r\n\r\n", b"GET /\r\n\r\n", b"A" * 200_000])
def test_noise_is_refused_and_neither_its_address_nor_itself_is_logged(
    serve: Start, noise: bytes
) -> None:
    server = serve()
    with server.connect(noise) as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 4")
    assert "127.0.0.1," not in server.log
    assert "ip=127" not in server.log


@contextmanager
def incoming(*pieces: bytes, most_bytes: int = 1000) -> Iterator[Incoming]:
    with closing(Incoming(0.0, most_bytes)) as one:
        for piece in pieces:
            one.take(piece, 0.0)
        yield one


def request_of(length: int, body: bytes) -> bytes:
    return b"POST / HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % length + body


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_a_request_is_whole_with_its_last_byte(size: int) -> None:
    data = request_of(10, b"0123456789")
    with incoming() as one:
        for place in range(0, len(data), size):
            assert not one.whole
            one.take(data[place : place + size], 0.0)
        assert one.whole
        assert one.file.read() == data


def test_what_follows_a_request_belongs_to_the_next_one() -> None:
    with incoming(request_of(3, b"abcGET / HTTP/1.1\r\n")) as one:
        assert (one.whole, one.surplus) == (True, b"GET / HTTP/1.1\r\n")
        assert one.file.read().endswith(b"\r\n\r\nabc")


def test_a_body_that_is_refused_anyway_is_not_kept() -> None:
    with incoming(request_of(2000, b"x" * 2000)) as one:
        assert one.whole
        assert one.file.read().endswith(b"\r\n\r\n")


def test_an_ambiguous_length_is_left_to_the_parser_that_refuses_it() -> None:
    twice = b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"
    with incoming(twice) as one:
        assert one.whole


@pytest.mark.parametrize(
    ("pieces", "late"),
    [
        ((), True),
        ((b"POST / HTTP/1.1\r\n",), True),
        ((request_of(10**6, b"x"),), True),
        ((request_of(10**6, b"x" * reception.LEAST_BYTES),), False),
    ],
)
def test_a_head_or_too_little_of_a_body_within_the_window_is_late(
    pieces: tuple[bytes, ...], late: bool
) -> None:
    with incoming(*pieces, most_bytes=10**7) as one:
        assert not one.is_late(reception.WINDOW_SECONDS - 1)
        assert one.is_late(reception.WINDOW_SECONDS) is late
        if not late:  # what came quickly buys no time for the rest
            assert one.is_late(2 * reception.WINDOW_SECONDS)


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="its timing was tried on Linux")
def test_who_sends_too_slowly_gets_a_408(serve: Start) -> None:
    server = serve()
    with server.connect(HEAD) as connection:
        deadline = time.monotonic() + reception.WINDOW_SECONDS + 5
        connection.settimeout(1)
        answer = b""
        while not answer:
            assert time.monotonic() < deadline
            connection.sendall(b"x")
            try:
                answer = connection.recv(1000)
            except TimeoutError:
                continue
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"request_timeout"' in answer

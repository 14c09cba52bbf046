"""Slow clients wait at the reception and take no thread from anybody."""

from __future__ import annotations

import io
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

import numpy as np
import pytest
from PIL import Image

from tests.samples import encoded, grace_hopper
from tests.served.conftest import Running, Start
from webapp.reception.incoming import Incoming
from webapp.reception.outgoing import TAKE_SECONDS, Outgoing
from webapp.reception.spool import LEAST_BYTES, WINDOW_SECONDS, Budget, OverBudget, Spool

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


def test_more_slow_clients_than_threads_hold_up_nobody(serve: Start) -> None:
    server = serve("--threads", str(THREADS))
    with connections(server, 10 * THREADS * len(BEGINNINGS), *BEGINNINGS):
        started = time.monotonic()
        assert server.get("/").status == 200
        assert server.post("/api/v1/analyses", encoded(grace_hopper())).status == 200
        assert time.monotonic() - started < 5


def test_clients_that_do_not_close_hold_up_nobody(serve: Start) -> None:
    server = serve("--threads", str(THREADS))
    last = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with connections(server, 10 * THREADS, last):
        started = time.monotonic()
        assert server.get("/healthz").status == 200
        assert time.monotonic() - started < 5


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


def test_noise_is_refused_and_its_address_is_not_logged(serve: Start) -> None:
    server = serve()
    for noise in (b"\x16\x03\x01\r\n\r\n", b"GET /\r\n\r\n", b"A" * 200_000):
        with server.connect(noise) as connection:
            assert connection.recv(100).startswith(b"HTTP/1.1 4")
    assert "address not logged" in server.log
    assert "ip=127" not in server.log


@contextmanager
def incoming(*pieces: bytes, most_bytes: int = 1000) -> Iterator[Incoming]:
    with closing(Incoming(0.0, most_bytes, Budget(10**9))) as one:
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
        assert one.received.read() == data


def test_what_follows_a_request_belongs_to_the_next_one() -> None:
    with incoming(request_of(3, b"abcGET / HTTP/1.1\r\n")) as one:
        assert (one.whole, one.surplus) == (True, b"GET / HTTP/1.1\r\n")
        assert one.received.read().endswith(b"\r\n\r\nabc")


def test_a_body_that_is_refused_anyway_is_not_kept() -> None:
    with incoming(request_of(2000, b"x" * 2000)) as one:
        assert one.whole
        assert one.received.read().endswith(b"\r\n\r\n")


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
        ((request_of(10**6, b"x" * LEAST_BYTES),), False),
    ],
)
def test_a_head_or_too_little_of_a_body_within_the_window_is_late(
    pieces: tuple[bytes, ...], late: bool
) -> None:
    with incoming(*pieces, most_bytes=10**7) as one:
        assert not one.is_late(WINDOW_SECONDS - 1)
        assert one.is_late(WINDOW_SECONDS) is late
        if not late:  # what came quickly buys no time for the rest
            assert one.is_late(2 * WINDOW_SECONDS)


def test_what_is_on_its_way_stays_within_a_budget() -> None:
    budget = Budget(10)
    with closing(Spool(budget)) as first:
        first.write(b"0123456")
        with closing(Spool(budget)) as second, pytest.raises(OverBudget):
            second.write(b"0123")
    with closing(Spool(budget)) as third:
        third.write(b"0123456789")


def test_an_answer_waits_for_its_reader_in_order_and_not_for_ever() -> None:
    here, there = socket.socketpair()
    pieces = [bytes([number]) * 100_000 for number in range(50)]
    with here, there, closing(Outgoing(here, Budget(10**9))) as answer:
        for piece in pieces:
            answer.sendall(piece)
        assert answer.is_waiting
        answer.begin_flushing()
        assert not answer.flush()
        taken = there.recv(len(pieces[0]), socket.MSG_WAITALL)
        while not answer.flush():
            taken += there.recv(100_000)
        here.shutdown(socket.SHUT_WR)
        assert taken + everything(there) == b"".join(pieces)
        now = time.monotonic()
        assert not answer.is_late(now + TAKE_SECONDS)  # something was taken
        assert answer.is_late(now + 3 * TAKE_SECONDS)


def test_answers_beyond_the_budget_end_their_connections() -> None:
    here, there = socket.socketpair()
    refused = pytest.raises(OSError, match="too many answers wait")
    with here, there, closing(Outgoing(here, Budget(1000))) as answer, refused:
        answer.sendall(bytes(5_000_000))


def test_more_slow_readers_than_threads_hold_up_nobody(serve: Start) -> None:
    server = serve("--threads", str(THREADS))
    large = encoded(np.random.default_rng(1).integers(0, 255, (2500, 2500, 3), np.uint8))
    page = server.keep(large)
    ask = f"GET {page}/annotated.png HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with connections(server, 3 * THREADS, ask.encode()) as readers:
        for reader in readers:
            assert reader.recv(10).startswith(b"HTTP/1.1 2")
        started = time.monotonic()
        assert server.get("/").status == 200
        assert time.monotonic() - started < 5
        late = everything(readers[0]).partition(b"\r\n\r\n")[2]
    assert Image.open(io.BytesIO(late)).size == (2500, 2500)
    assert late == server.get(f"{page}/annotated.png").body


def test_even_when_all_connections_read_slowly_a_new_one_is_served(serve: Start) -> None:
    server = serve("--threads", str(THREADS), "--worker-connections", "6")
    large = encoded(np.random.default_rng(1).integers(0, 255, (2500, 2500, 3), np.uint8))
    page = server.keep(large)
    ask = f"GET {page}/annotated.png HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    with connections(server, 12, ask):
        time.sleep(3)
        assert server.get("/").status == 200


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="its timing was tried on Linux")
def test_who_sends_too_slowly_gets_a_408(serve: Start) -> None:
    server = serve()
    with server.connect(HEAD) as connection:
        deadline = time.monotonic() + WINDOW_SECONDS + 5
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

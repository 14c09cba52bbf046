"""Slow clients hold up nobody: a thread never waits for them."""

import io
import json
import re
import resource
import select
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.samples import encoded, grace_hopper
from tests.served.conftest import Start
from tests.servers import PATIENCE, Running
from webapp.server.waits import BODY_PACE, HEAD_PACE

HEAD = b"POST /api/v1/analyses HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
BEGINNINGS = (b"", b"G", b"GET / HTTP/1.1\r\nHost: lo", HEAD, HEAD + b"--part\r\n")
LAST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
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


def nobody_was_sent_away(connections: list[socket.socket]) -> bool:
    """Whether the server keeps all connections and has said nothing on them."""
    return select.select(connections, [], [], 0)[0] == []


def test_more_slow_clients_than_threads_hold_up_nobody(serve: Start) -> None:
    server = serve("--threads", str(THREADS))
    with connections(server, 10 * THREADS * len(BEGINNINGS), *BEGINNINGS) as slow:
        assert server.get("/").status == 200
        assert server.post("/api/v1/analyses", encoded(grace_hopper())).status == 200
        assert nobody_was_sent_away(slow)
    with connections(server, 10 * THREADS, LAST), server.connect(LAST) as one_more:
        assert b'{"status":"ok"}' in everything(one_more)  # the others do not close


def test_when_there_are_too_many_connections_the_most_silent_one_makes_room(serve: Start) -> None:
    server = serve("--threads", str(THREADS), "--worker-connections", "10")
    with connections(server, 30, *BEGINNINGS) as silent:
        assert server.post("/api/v1/analyses", encoded(grace_hopper())).status == 200
        silent[0].settimeout(5)
        assert silent[0].recv(100) == b""


def with_headers(*lines: str, length: int = 1_000_000) -> bytes:
    """The head of a post with further headers."""
    head = HEAD.replace(b"1000000", str(length).encode()).removesuffix(b"\r\n")
    return head + "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n"


def test_a_body_without_a_length_is_refused_with_a_sentence(server: Running) -> None:
    head = HEAD.replace(b"Content-Length: 1000000", b"Transfer-Encoding: chunked")
    with server.connect(head) as connection:
        answer = everything(connection)
    assert answer.startswith(b"HTTP/1.1 411 ")
    assert b'"length_required"' in answer


def test_what_follows_a_body_of_two_lengths_is_no_request(server: Running) -> None:
    smuggled = b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with server.connect(with_headers("Transfer-Encoding: chunked") + smuggled) as connection:
        assert everything(connection).count(b"HTTP/1.1 ") == 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc and prlimit")
def test_when_no_file_can_be_opened_clients_wait_and_one_line_says_so(serve: Start) -> None:
    server = serve()
    worker = int(re.findall(r"Booting worker with pid: (\d+)", server.log)[-1])
    limits = resource.prlimit(worker, resource.RLIMIT_NOFILE)
    open_files = len(list(Path(f"/proc/{worker}/fd").iterdir()))
    resource.prlimit(worker, resource.RLIMIT_NOFILE, (open_files, limits[1]))
    with connections(server, 5, b""):
        time.sleep(3)
        resource.prlimit(worker, resource.RLIMIT_NOFILE, limits)
        assert server.get("/healthz").status == 200
    assert server.log.count("Too many files are open") == 1
    assert "Traceback" not in server.log


def test_two_requests_in_one_packet_are_both_answered(server: Running) -> None:
    with server.connect(LAST.replace(b"Connection: close\r\n", b"") + LAST) as connection:
        assert everything(connection).count(b'{"status":"ok"}') == 2


@pytest.mark.parametrize(
    ("length", "told"), [(1_000_000, b"100 Continue\r\n\r\n"), (30_000_000, b"413 ")]
)
def test_who_asks_whether_to_go_on_is_told_so(server: Running, length: int, told: bytes) -> None:
    with server.connect(with_headers("Expect: 100-continue", length=length)) as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 " + told)


def test_noise_is_refused_and_its_address_is_not_logged(server: Running) -> None:
    before = len(server.log)
    for noise in (b"\x16\x03\x01\r\n\r\n", b"GET /\r\n\r\n", b"A" * 200_000):
        with server.connect(noise) as connection:
            assert connection.recv(100).startswith(b"HTTP/1.1 4")
    assert server.log[before:].count("Invalid HTTP request") == 3
    assert "127.0.0.1:" not in server.log.replace(f"127.0.0.1:{server.port}", "")


def large_drawing(server: Running) -> str:
    """The path of a picture of more bytes than a kernel buffers."""
    noise = np.random.default_rng(1).integers(0, 255, (2500, 2500, 3), np.uint8)
    return server.keep(encoded(noise)) + "/annotated.png"


def test_more_slow_readers_than_threads_hold_up_nobody(serve: Start) -> None:
    few = {"AGELENS_INFERENCE_SLOTS": "1", "AGELENS_INFERENCE_WAITING": "1"}
    server = serve("--threads", str(THREADS), **few)
    path = large_drawing(server)
    ask = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
    with ExitStack() as stack:
        readers = []
        for _ in range(THREADS + 4):
            readers.append(stack.enter_context(server.connect(ask)))
            assert readers[-1].recv(10).startswith(b"HTTP/1.1 2")
        assert server.get("/").status == 200
        late = everything(readers[0]).partition(b"\r\n\r\n")[2]
    assert Image.open(io.BytesIO(late)).size == (2500, 2500)
    assert late == server.get(path).body


def test_even_when_all_connections_read_slowly_a_new_one_is_served(serve: Start) -> None:
    server = serve("--threads", str(THREADS), "--worker-connections", "6")
    ask = f"GET {large_drawing(server)} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    with connections(server, 6, ask) as readers:
        for reader in readers:
            assert reader.recv(10).startswith(b"HTTP/1.1 2")
        assert server.get("/").status == 200


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="its timing was tried on Linux")
def test_who_sends_too_slowly_gets_a_408_and_who_says_nothing_is_closed_and_not_logged(
    server: Running,
) -> None:
    before = len(server.log)
    with connections(server, 3, *BEGINNINGS[:3]) as silent, server.connect(HEAD) as connection:
        connection.settimeout(1)
        answer = b""
        deadline = time.monotonic() + BODY_PACE.seconds + PATIENCE
        while not answer:
            assert time.monotonic() < deadline
            connection.sendall(b"x")
            with suppress(TimeoutError):
                answer = connection.recv(1000)
        connection.settimeout(PATIENCE)
        if answer.endswith(b"\r\n\r\n"):
            answer += connection.recv(1000)  # the body came after the head
        for one in silent:
            one.settimeout(HEAD_PACE.seconds + PATIENCE)
            assert one.recv(100) == b""
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"request_timeout"' in answer
    told = [json.loads(line) for line in server.log[before:].splitlines()]
    assert not {line["level"] for line in told} & {"error", "critical"}


@pytest.mark.parametrize("length", [30_000_000, 10**15])
@pytest.mark.parametrize("path", ["/api/v1/analyses", "/nowhere"])
def test_a_body_that_is_too_long_is_refused_by_its_head(
    server: Running, path: str, length: int
) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
    with server.connect(head.encode()) as connection:
        answer = connection.recv(1000)
        connection.sendall(b"x" * 1_000_000)  # a browser goes on; it must not be cut off
    assert answer.split(b" ")[1] == (b"404" if path == "/nowhere" else b"413")


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\n\r\n",  # no host
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
    ],
)
def test_a_malformed_request_is_a_400_and_the_line_about_it_names_no_other(
    server: Running, request_: bytes
) -> None:
    before = len(server.log)
    for _ in range(3):
        server.get("/")
        with server.connect(request_) as connection:
            assert connection.recv(100).startswith(b"HTTP/1.1 400 ")
    told = [json.loads(line) for line in server.log[before:].splitlines()]
    warnings = [line for line in told if "Invalid HTTP request" in line["event"]]
    assert len(warnings) == 3
    assert not [line for line in warnings if "request_id" in line]


def test_a_header_with_an_underscore_passes_for_none_of_a_proxy(serve: Start) -> None:
    server = serve(AGELENS_PROXIES="1")
    lie = {"X_Forwarded_Proto": "https"}
    assert b"Secure" not in server.get("/", **lie).headers["Set-Cookie"].encode()


def test_clients_with_half_a_body_make_room_for_others(serve: Start) -> None:
    server = serve(AGELENS_MAX_BYTES="2000000", AGELENS_ALBUM_BYTES="1")
    head = HEAD.replace(b"1000000", b"2000000")
    with connections(server, 8, head + b"x" * 1_000_000) as unfinished:  # 4 MB are allowed
        assert server.post("/api/v1/analyses", encoded(grace_hopper())).status == 200
        refused, _, _ = select.select(unfinished, [], [], PATIENCE)
        assert b" 503 " in refused[0].recv(100)

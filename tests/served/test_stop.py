"""SIGTERM: what runs is finished, what waits is kept, and a balancer is told in time."""

import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tests.samples import encoded, grace_hopper
from tests.served.conftest import Start
from tests.served.fake_app import SLOW_SECONDS, SLOW_WIDTH
from tests.servers import PATIENCE, Running
from tests.waiting import eventually
from webapp.server.waits import HEAD_PACE

SLOW = encoded(np.zeros((20, SLOW_WIDTH, 3), np.uint8), "PNG")


def wait_for_one_inside(server: Running) -> None:
    eventually(lambda: b"agelens_analyses_running 1.0" in server.get("/metrics").body, pause=0.05)


def test_a_request_that_runs_is_finished(serve: Start) -> None:
    server = serve()
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(server.post, "/api/v1/analyses", SLOW)
        wait_for_one_inside(server)
        assert server.stop() == 0
        assert answer.result().status == 200


def test_a_terminal_that_is_closed_ends_it_in_order(serve: Start) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests may run under nohup
    try:
        server = serve()
    finally:
        signal.signal(signal.SIGHUP, before)
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(server.post, "/api/v1/analyses", SLOW)
        wait_for_one_inside(server)
        os.killpg(server.process.pid, signal.SIGHUP)  # as the system does to a whole group
        assert answer.result().status == 200
    assert server.process.wait(2 * PATIENCE) == 0


def test_nohup_is_respected(serve: Start) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        server = serve()
    finally:
        signal.signal(signal.SIGHUP, before)
    os.killpg(server.process.pid, signal.SIGHUP)
    time.sleep(1)
    assert server.get("/healthz").status == 200


def is_served(server: Running) -> bool:
    try:
        return server.get("/healthz").status == 200
    except ConnectionError:
        return False


def test_new_clients_are_turned_away_at_once_while_requests_finish(serve: Start) -> None:
    server = serve()
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(server.post, "/api/v1/analyses", SLOW)
        wait_for_one_inside(server)
        server.process.terminate()
        while is_served(server):
            assert not answer.done()
            time.sleep(0.05)
        assert not answer.done()
        assert answer.result().status == 200


def test_a_request_that_still_arrives_is_finished(serve: Start) -> None:
    server = serve()
    request = b"POST /api/v1/analyses HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n"
    with server.connect(request) as connection:
        time.sleep(0.5)
        server.process.terminate()
        time.sleep(0.5)
        connection.sendall(b"0123456789")
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")
    assert server.process.wait(PATIENCE) == 0


def test_while_it_drains_it_serves_and_says_that_it_is_not_ready_until_a_second_signal(
    serve: Start,
) -> None:
    server = serve(AGELENS_DRAIN="10m")
    server.process.terminate()
    eventually(lambda: server.get("/readyz").status == 503)
    assert server.get("/readyz").json == {"status": "draining"}
    assert server.get("/healthz").status == 200
    assert server.post("/api/v1/analyses", encoded(grace_hopper())).status == 200
    assert server.process.poll() is None
    assert server.stop() == 0


def test_it_drains_as_long_as_it_is_told(serve: Start) -> None:
    server = serve(AGELENS_DRAIN="3s")
    started = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - started >= 3


def test_a_connection_that_was_opened_for_nothing_delays_no_stop(serve: Start) -> None:
    server = serve()
    with server.connect():
        started = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - started < HEAD_PACE.seconds, "it waited for the client's silence"


@pytest.mark.slow
def test_an_album_goes_on_after_the_next_start(serve: Start) -> None:
    server = serve(AGELENS_LOG="json")
    album = server.post_many("/api/v1/albums", [SLOW] * 4)
    assert album.status == 202
    path = album.headers["Location"]
    time.sleep(SLOW_SECONDS)
    assert server.stop() == 0
    done_before = len(re.findall('"outcome": "done"', server.log))
    assert done_before < 4
    again = serve(AGELENS_LOG="json")
    done: list[int] = [done_before]
    eventually(lambda: done.append(again.get(path).json["done"]) or done[-1] == 4, pause=0.2)
    assert done == sorted(done)
    assert done_before + len(re.findall('"outcome": "done"', again.log)) == 4

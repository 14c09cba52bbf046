"""The gate: so many at once, so many waiting, first come first served, the rest come back later."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from tests.waiting import PATIENCE, eventually
from tests.web.fakes import WaitingDetector, app_with
from tests.web.posts import API, post_photo
from webapp.settings import Settings
from webapp.web.concurrency import ConcurrencyLimiter
from webapp.web.errors import Busy


def test_a_full_gate_refuses_and_an_emptied_one_lets_in() -> None:
    gate = ConcurrencyLimiter(slots=2, waiting=0)
    with gate.slot(), gate.slot(), pytest.raises(Busy), gate.slot():
        pass
    with gate.slot():
        pass


def test_an_error_inside_frees_the_slot() -> None:
    gate = ConcurrencyLimiter(slots=1, waiting=0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), gate.slot():
            raise ZeroDivisionError


def test_never_more_than_the_slots_are_inside() -> None:
    gate, lock = ConcurrencyLimiter(slots=2, waiting=100), threading.Lock()
    inside, most = 0, 0

    def visit(_: int) -> None:
        nonlocal inside, most
        with gate.slot():
            with lock:
                inside += 1
                most = max(most, inside)
            with lock:
                inside -= 1

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(visit, range(64)))
    assert inside == 0
    assert 1 <= most <= 2


def test_first_come_first_served() -> None:
    gate, order = ConcurrencyLimiter(slots=1, waiting=10), list[int]()

    def visit(number: int) -> None:
        with gate.slot():
            order.append(number)

    with ThreadPoolExecutor(10) as pool, gate.slot():
        for number in range(10):
            pool.submit(visit, number)
            eventually(lambda wanted=number + 2: gate.load == wanted, pause=0.001)
    assert order == list(range(10))


@pytest.fixture
def slow() -> WaitingDetector:
    return WaitingDetector()


@pytest.fixture
def narrow(settings: Settings, slow: WaitingDetector) -> Flask:
    """An app that analyses one photo at once and lets nobody wait."""
    return app_with(settings, slow, inference_slots=1, inference_waiting=0)


@pytest.mark.parametrize("to", [API, "/analyses"])
def test_a_full_server_answers_503_and_when_to_come_back(
    narrow: Flask, slow: WaitingDetector, portrait: bytes, to: str
) -> None:
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(post_photo, narrow.test_client(), portrait, to=to)
        assert slow.begun.wait(PATIENCE)
        refused = post_photo(narrow.test_client(), portrait, to=to)
        alive = narrow.test_client().get("/healthz")
        slow.go_on.set()
        assert first.result(PATIENCE).status_code in (200, 303)
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert alive.status_code == 200
    if to == "/analyses":
        assert 'id="summary"' in refused.text  # the form again, so that nothing is lost

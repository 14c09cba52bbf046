"""Child processes: started again when they die, with pauses that grow while they die early."""

import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from tests.waiting import eventually
from webapp import processes
from webapp.processes import Supervisor, _Child

SAYS_WHEN = "import sys, time; open(sys.argv[1], 'a').write(f'{time.monotonic()}\\n'); "


@pytest.fixture
def times(tmp_path: Path) -> Path:
    """Where each process says when it started."""
    return tmp_path / "times"


class Clock:
    """A time that only tests move."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(processes.time, "monotonic", clock)
    return clock


def die(child: _Child) -> int:
    """End a child that has just been started; its process id."""
    assert child.process is not None
    child.process.kill()
    child.process.wait()
    pid = child.process.pid
    child.keep_running()
    assert child.process is None
    return pid


def pause_of(child: _Child, clock: Clock) -> float:
    """How long it takes until a child that died is started again."""
    for tenths in range(1000):
        child.keep_running()
        if child.process is not None:
            return tenths / 10
        clock.now += 0.1
    raise AssertionError("it never starts")


def test_pauses_grow_while_a_child_dies_early(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    on_exit: list[int] = []
    child = _Child([sys.executable, "-c", "input()"], on_exit.append)
    assert pause_of(child, clock) == 0
    pauses, pids = [], []
    for _ in range(8):
        pids.append(die(child))
        pauses.append(pause_of(child, clock))
    assert pauses == pytest.approx([1, 2, 4, 8, 16, 32, 60, 60], abs=0.15)
    assert on_exit == pids
    assert len(caplog.messages) == 8
    assert "status -9" in caplog.messages[0]
    clock.now += 61  # a good life
    die(child)
    assert pause_of(child, clock) == pytest.approx(1, abs=0.15)
    die(child)


def test_a_child_that_cannot_be_started_ends_nothing(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    child = _Child(["/no/such/program"], lambda _: None)
    for _ in range(3):
        child.keep_running()
        clock.now += 100
    assert len(caplog.messages) == 3
    assert "No such file" in caplog.messages[0]


def test_one_child_that_dies_again_and_again_holds_up_no_other(times: Path) -> None:
    quick = [sys.executable, "-c", SAYS_WHEN, str(times)]
    steady = [sys.executable, "-c", SAYS_WHEN + "time.sleep(60)", f"{times}-steady"]
    supervisor = Supervisor([quick, steady])

    def stop() -> None:
        eventually(lambda: starts(times) >= 2 and starts(Path(f"{times}-steady")))
        os.kill(os.getpid(), signal.SIGTERM)

    ender = threading.Thread(target=stop)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    ender.start()
    try:
        assert supervisor.run() == 0
    finally:
        ender.join()
        for number, handler in before.items():
            signal.signal(number, handler)
    assert starts(Path(f"{times}-steady")) == 1


def starts(times: Path) -> int:
    return len(times.read_text().splitlines()) if times.exists() else 0

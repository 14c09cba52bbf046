"""Runs processes that belong together: starts them, restarts those that die, stops them all."""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

log = logging.getLogger(__name__)

PARENT = "AGELENS_PARENT"
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
# glibc gives nearly every thread a heap of its own, and each keeps what the largest photo that it
# ever saw needed: with 32 threads a worker grew beyond 900 MB where 480 are enough. Other C
# libraries ignore this.
_FEW_HEAPS = {"MALLOC_ARENA_MAX": "2"}
POLL_SECONDS = 0.25
# A process that dies is restarted after a pause, which doubles whenever it dies young: one photo
# that kills it delays others little, and a broken installation costs little.
FIRST_PAUSE, LONGEST_PAUSE, LONG_LIFE = 1.0, 60.0, 60.0


def end_with_parent() -> None:
    """On Linux, receive SIGTERM when the supervisor that started this process is gone."""
    parent = os.environ.pop(PARENT, None)
    if parent is None or not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        raise SystemExit(1)  # it was gone before we could ask


def _forget(_pid: int) -> None:
    pass


@dataclass(frozen=True)
class MainProcess:
    """The command whose end stops all processes, and how it is asked to stop."""

    command: Sequence[str]
    # A file that exists once the signal to stop has arrived.
    draining_mark: Path
    # How long it keeps running after that.
    drain_seconds: float = 0.0


class Supervisor:
    """Keeps commands running. If there is a main process, its end stops all others.

    ``on_exit`` gets the process id of each command that died and was replaced.
    """

    def __init__(
        self,
        children: Sequence[Sequence[str]],
        main: MainProcess | None = None,
        on_exit: Callable[[int], None] = _forget,
    ) -> None:
        self._children = children
        self._main = main
        self._on_exit = on_exit
        self._stopping = threading.Event()
        self._impatient = threading.Event()

    def run(self) -> int:
        """Run until a signal or the end of the main process; returns its status, or 0."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:  # as nohup leaves SIGHUP
                signal.signal(number, self._stop)
        process = _start(self._main.command) if self._main else None
        running = [_Child(command, self._on_exit) for command in self._children]
        while process is None or process.poll() is None:
            for child in running:
                child.keep_running()
            if self._stopping.wait(POLL_SECONDS):
                break
        if self._main is not None and process is not None:
            self._drain(self._main, process)
        alive = [child.process for child in running if child.process is not None]
        everyone = alive if process is None else [process, *alive]
        for one in everyone:
            one.terminate()
        statuses = [one.wait() for one in everyone]
        return statuses[0] if process is not None else 0

    def _drain(self, main: MainProcess, process: subprocess.Popen[bytes]) -> None:
        """Announce the shutdown and wait; a second signal ends the wait."""
        with suppress(OSError):  # the shutdown counts for more
            main.draining_mark.parent.mkdir(parents=True, exist_ok=True)
            main.draining_mark.touch()
        end = time.monotonic() + main.drain_seconds
        while time.monotonic() < end and process.poll() is None:
            if self._impatient.wait(POLL_SECONDS):
                return

    def _stop(self, _: int, __: FrameType | None) -> None:
        if self._stopping.is_set():
            self._impatient.set()
        self._stopping.set()


class _Child:
    """A command that is restarted whenever it ends."""

    def __init__(self, command: Sequence[str], on_exit: Callable[[int], None]) -> None:
        self._command = command
        self._on_exit = on_exit
        self.process: subprocess.Popen[bytes] | None = None
        self._started = self._due = time.monotonic()
        self._pause = 0.0

    def keep_running(self) -> None:
        """Notice when the process has ended, and start the next one when it is due."""
        now = time.monotonic()
        if self.process is None:
            if now >= self._due:
                self._begin(now)
        elif self.process.poll() is not None:
            self._on_exit(self.process.pid)
            self._put_off(now, f"ended with status {self.process.returncode}")
            self.process = None

    def _begin(self, now: float) -> None:
        self._started = now
        try:
            self.process = _start(self._command)
        except OSError as error:  # too many processes, too little memory
            self._put_off(now, f"could not be started ({error})")

    def _put_off(self, now: float, what: str) -> None:
        lived_long = now - self._started >= LONG_LIFE
        again = self._pause > 0 and not lived_long
        self._pause = min(2 * self._pause, LONGEST_PAUSE) if again else FIRST_PAUSE
        self._due = now + self._pause
        log.warning("A worker %s; the next one starts in %g s.", what, self._pause)


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 # our own commands
        command,
        env={**_FEW_HEAPS, **os.environ, PARENT: str(os.getpid())},
        # A terminal's signals are for the supervisor, which ends its processes in order.
        start_new_session=True,
    )

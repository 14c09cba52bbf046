"""Processes that belong together: started, restarted when they die, and stopped as one."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

PARENT = "AGELENS_PARENT"
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
POLL_SECONDS = 0.25
RESTART_SECONDS = 1.0


def end_with_parent() -> None:
    """On Linux, get SIGTERM when the supervisor that started this process is gone."""
    parent = os.environ.pop(PARENT, None)
    if parent is None or not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        raise SystemExit(1)  # it was gone before we could ask


def _forget(_pid: int) -> None:
    pass


@dataclass(frozen=True)
class Leader:
    """The command whose end is the end of all, and how it is told to end."""

    command: Sequence[str]
    # Exists from the signal to stop on: whoever asks can be told.
    draining_mark: Path
    # For so long it still runs then, as before.
    drain_seconds: float = 0.0


class Supervisor:
    """Keeps commands running. The end of the ``leader``, if there is one, is the end of all.

    ``buried`` is told the process id of each kept command that died and was replaced.
    """

    def __init__(
        self,
        kept: Sequence[Sequence[str]],
        leader: Leader | None = None,
        buried: Callable[[int], None] = _forget,
    ) -> None:
        self._kept = kept
        self._leader = leader
        self._buried = buried
        self._stopping = threading.Event()
        self._impatient = threading.Event()

    def run(self) -> int:
        """Start everything, and wait for a signal or the leader's end; its exit status, or 0."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        leader = _start(self._leader.command) if self._leader else None
        kept = [_start(command) for command in self._kept]
        while not self._stopping.wait(POLL_SECONDS) and (leader is None or leader.poll() is None):
            for place, process in enumerate(kept):
                if process.poll() is not None and not self._stopping.wait(RESTART_SECONDS):
                    self._buried(process.pid)
                    kept[place] = _start(self._kept[place])
        if self._leader is not None and leader is not None:
            self._drain(self._leader, leader)
        everyone = kept if leader is None else [leader, *kept]
        for process in everyone:
            process.terminate()
        statuses = [process.wait() for process in everyone]
        return statuses[0] if leader is not None else 0

    def _drain(self, leader: Leader, process: subprocess.Popen[bytes]) -> None:
        """Say that the end is near, and wait; a second signal ends the wait."""
        leader.draining_mark.touch()
        end = time.monotonic() + leader.drain_seconds
        while time.monotonic() < end and process.poll() is None:
            if self._impatient.wait(POLL_SECONDS):
                return

    def _stop(self, _: int, __: FrameType | None) -> None:
        if self._stopping.is_set():
            self._impatient.set()
        self._stopping.set()


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 # our own commands
        command, env={**os.environ, PARENT: str(os.getpid())}
    )

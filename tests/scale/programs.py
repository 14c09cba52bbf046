"""Programs that are started, killed and stopped by their process ids."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import requests

START_SECONDS = 120.0
STOP_SECONDS = 60.0
KILL_SECONDS = 10.0


@dataclass
class Program:
    """One program with all that it starts: a process group of its own."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] | None = None
    # Whether it can do its work; asked until it says yes.
    ready: Callable[[], bool] = lambda: True
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it and wait until it is ready. Raises RuntimeError with the end of its log."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} did not start: {self.log.read_text()[-2000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        """End everything of it at once, as a power cut would (kill -9)."""
        if self.process is None:
            return
        deadline = time.monotonic() + KILL_SECONDS
        with contextlib.suppress(ProcessLookupError):
            while time.monotonic() < deadline:  # until the last one of the group is gone
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.poll()
                time.sleep(0.01)

    def stop(self) -> None:
        """End it as an operator would; what does not end in time is killed."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_SECONDS)
        self.kill()

    def children(self) -> list[int]:
        """The ids of the processes that it started itself."""
        if self.process is None:
            return []
        listing = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in listing.read_text().split()]

    def kill_child(self) -> None:
        """Kill -9 the first process that it started, if there is one just now."""
        for pid in self.children()[:1]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def listens(port: int) -> Callable[[], bool]:
    """Whether somebody listens on a port of the loopback."""

    def asked() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    return asked


def answers(address: str) -> Callable[[], bool]:
    """Whether a GET of an address is answered with 200."""

    def asked() -> bool:
        try:
            return requests.get(address, timeout=10).status_code == 200
        except requests.ConnectionError:
            return False

    return asked

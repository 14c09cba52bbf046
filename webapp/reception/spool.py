"""Bytes on their way, within a budget, and how fast they must move."""

from __future__ import annotations

import tempfile
import threading

# Apache's mod_reqtimeout gives a head 20 seconds, too, and asks for 500 bytes a second after that;
# the slowest dial-up line manages 4,000.
WINDOW_SECONDS = 20.0
LEAST_BYTES = 20_000
# What is larger lies in a temporary file.
MOST_IN_MEMORY = 100_000


class OverBudget(Exception):
    """All that is on its way has more bytes than it may have."""


class Budget:
    """How many bytes may be on their way at once in a process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0
        self._lock = threading.Lock()

    def take(self, number: int) -> None:
        """Raises OverBudget where there are not so many left."""
        with self._lock:
            if self._taken + number > self._most:
                raise OverBudget
            self._taken += number

    def give_back(self, number: int) -> None:
        with self._lock:
            self._taken -= number


class Spool:
    """A temporary file that counts towards a budget until it is closed."""

    def __init__(self, budget: Budget) -> None:
        self._file = tempfile.SpooledTemporaryFile(MOST_IN_MEMORY)  # noqa: SIM115 # see close()
        self._budget = budget
        self._size = 0

    def write(self, data: bytes | memoryview) -> None:
        """Raises OverBudget, or OSError where the disk is full."""
        self._budget.take(len(data))
        self._size += len(data)
        self._file.write(data)

    def rewind(self) -> None:
        """From now on it is read from its beginning."""
        self._file.seek(0)

    def read(self, number: int = -1) -> bytes:
        return self._file.read(number)

    def close(self) -> None:
        """Throw everything away; may be called twice."""
        self._file.close()
        self._budget.give_back(self._size)
        self._size = 0


class Pace:
    """Whether enough bytes move within each window; what moved earlier buys no time."""

    def __init__(
        self, now: float, seconds: float = WINDOW_SECONDS, least: int = LEAST_BYTES
    ) -> None:
        self._began = now
        self._seconds = seconds
        self._least = least
        self._bytes = 0

    def moved(self, number: int) -> None:
        self._bytes += number

    def is_slow(self, now: float) -> bool:
        """Whether the window is over and had too little."""
        if now - self._began < self._seconds:
            return False
        if self._bytes < self._least:
            return True
        self._began, self._bytes = now, 0
        return False

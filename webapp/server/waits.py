"""Tracks clients that the server waits for, and ends each wait in time."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """A client must move ``least_bytes`` within each ``seconds``."""

    seconds: float
    least_bytes: int


# Apache's mod_reqtimeout gives a head 20 seconds, too, and asks for 500 bytes a second after that.
HEAD_PACE = Pace(20.0, 1)
BODY_PACE = Pace(20.0, 20_000)
# The kernel buffers some megabytes for a reader and asks for more when half of them are gone, so a
# slow reader looks like a stalled one for a while.
RESPONSE_PACE = Pace(300.0, 1)


@dataclass
class Budget:
    """A limit on the bytes held for clients at any time."""

    most: int
    held: int = 0


class Wait:
    """One client that the server waits for, until the end of the request.

    ``stop`` is called when the client is too slow, or must make room for another one.
    """

    def __init__(
        self, waits: "Waits", pace: Pace, stop: Callable[[], None], budget: Budget | None = None
    ) -> None:
        self.held = 0
        self.is_evicted = False
        self.budget = budget
        self._waits = waits
        self._pace = pace
        self._stop = stop
        self._renew()

    def moved(self, size: int) -> None:
        """The client sent or received a number of bytes."""
        self._bytes += size
        if self._bytes >= self._pace.least_bytes:
            self.end()
            self._renew()

    def hold(self, size: int) -> None:
        """Count bytes held for this client; over the limit, drop the longest-stalled client."""
        if self.budget is None:
            return
        self.budget.held += size
        self.held += size
        for stalled in self._waits.of(self.budget):
            if self.budget.held <= self.budget.most:
                return
            stalled.evict()

    def evict(self) -> None:
        """Drop the client to make room for others."""
        self.is_evicted = True
        self.close()
        self._stop()

    def end(self) -> None:
        """Stop waiting for the client; bytes held for it still count."""
        self._timer.cancel()
        self._waits.running.pop(self, None)

    def close(self) -> None:
        """Stop counting bytes for the client."""
        self.end()
        if self.budget is not None:
            self.budget.held -= self.held
            self.held = 0

    def _renew(self) -> None:
        self._bytes = 0
        self._timer = asyncio.get_running_loop().call_later(self._pace.seconds, self._expire)
        self._waits.running[self] = None

    def _expire(self) -> None:
        self.end()
        self._stop()


class Waits:
    """All waits of a process."""

    def __init__(self) -> None:
        # In the order in which the clients last kept their pace.
        self.running: dict[Wait, None] = {}

    def of(self, budget: Budget) -> list[Wait]:
        """The waits with bytes held, longest-stalled first."""
        return [wait for wait in self.running if wait.budget is budget and wait.held]

    def evict_one(self) -> bool:
        """Drop the longest-stalled client; returns whether there was one."""
        stalled = next(iter(self.running), None)
        if stalled is not None:
            stalled.evict()
        return stalled is not None

"""An answer on its way to a client who may take it slowly."""

from __future__ import annotations

import errno
import socket
import time
from typing import Any

from webapp.reception.spool import Budget, OverBudget, Pace, Spool

# The kernel keeps some megabytes for a client and asks for more when half of them are gone, so
# that a slow line looks like none for a while.
TAKE_SECONDS = 300.0
_CHUNK_BYTES = 1 << 18


class Outgoing:
    """Stands for the socket while a thread answers: what the client does not take now waits here.

    A client who keeps up gets every byte at once, as if this were not here.
    """

    def __init__(self, sock: socket.socket, budget: Budget) -> None:
        self.sock = sock
        self._budget = budget
        self._spool: Spool | None = None
        self._next = b""
        # When the client last took something.
        self.heard = time.monotonic()
        self._pace = _pace()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sock, name)

    @property
    def is_waiting(self) -> bool:
        """Whether there is something that the client did not take yet."""
        return self._spool is not None

    def send(self, data: bytes) -> int:
        self.sendall(data)
        return len(data)

    def sendall(self, data: bytes) -> None:
        """Send or keep everything. Raises OSError where the client is gone or there is no room."""
        sent = 0 if self.is_waiting else self._sent(data)
        if sent == len(data):
            return
        self._spool = self._spool or Spool(self._budget)
        try:
            self._spool.write(memoryview(data)[sent:])
        except OverBudget as error:
            raise OSError(errno.ENOBUFS, "too many answers wait for slow clients") from error

    def begin_flushing(self) -> None:
        """The thread is done: from now on what waits is sent from its beginning."""
        if self._spool is not None:
            self._spool.rewind()
        self._pace = _pace()

    def flush(self) -> bool:
        """Send what the client takes now; whether that was the last of it. Raises OSError."""
        if self._spool is None:
            return True
        self._next = self._next or self._spool.read(_CHUNK_BYTES)
        sent = self._sent(self._next)
        if sent:
            self.heard = time.monotonic()
        self._pace.moved(sent)
        self._next = self._next[sent:] or self._spool.read(_CHUNK_BYTES)
        return not self._next

    def is_late(self, now: float) -> bool:
        """Whether the client takes nothing any more."""
        return self._pace.is_slow(now)

    def close(self) -> None:
        """Throw away what still waits; the socket stays open."""
        if self._spool is not None:
            self._spool.close()
            self._spool = None

    def _sent(self, data: bytes) -> int:
        try:
            return self.sock.send(data, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return 0


def _pace() -> Pace:
    return Pace(time.monotonic(), TAKE_SECONDS, least=1)

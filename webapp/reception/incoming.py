"""One request while it arrives."""

from __future__ import annotations

import re

from gunicorn.http.unreader import Unreader

from webapp.reception.spool import WINDOW_SECONDS, Budget, Pace, Spool

# gunicorn allows 100 fields of 8190 bytes; more than this much is refused by its parser.
MOST_HEAD_BYTES = 100_000
# A connection on which nothing has come for so long was not opened for a request on its way.
IDLE_SECONDS = 2.0
_CHUNK_BYTES = 1 << 18
_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_CODED = re.compile(rb"^transfer-encoding:", re.IGNORECASE | re.MULTILINE)
_EXPECTS = re.compile(rb"^expect:[ \t]*100-continue", re.IGNORECASE | re.MULTILINE)


class Incoming:
    """A request's bytes so far.

    It is ``whole`` when a thread need not wait for more of it. A body that is larger than
    ``most_bytes`` is dropped as it arrives, because the app refuses it by its length alone.
    """

    def __init__(self, now: float, most_bytes: int, budget: Budget) -> None:
        self.received = Spool(budget)
        self.whole = False
        # What came behind the request: the beginning of the next one.
        self.surplus = b""
        self.expects_continue = False
        # When the last byte came.
        self.heard = now
        self._began = now
        self._most_bytes = most_bytes
        self._pace = Pace(now)
        self._head = bytearray()
        # Bytes of the body that are still to come; None while the head is not complete.
        self._missing: int | None = None
        self._is_kept = True

    @property
    def is_api(self) -> bool:
        """Whether the client is a program that wants JSON."""
        return b" /api/" in self._head[:40]

    def is_idle(self, now: float) -> bool:
        """Whether nothing has arrived yet, and not only because it is on its way."""
        return not self._head and now - self.heard >= IDLE_SECONDS

    def is_late(self, now: float) -> bool:
        """Whether the head, or enough of the body, did not arrive in time."""
        if self._missing is None:
            return now - self._began >= WINDOW_SECONDS
        return self._pace.is_slow(now)

    def take(self, data: bytes, now: float) -> None:
        """Add what has arrived. Raises OverBudget, or OSError where the disk is full."""
        self.heard = now
        self._pace.moved(len(data))
        if self._missing is None:
            data = self._take_head(data)
        if self._missing is not None:
            self._take_body(data)

    def close(self) -> None:
        """Throw away what has arrived."""
        self.received.close()

    def _take_head(self, data: bytes) -> bytes:
        """What of ``data`` comes after the head."""
        self._head += data
        end = self._head.find(_HEAD_END, max(0, len(self._head) - len(data) - len(_HEAD_END)))
        if end < 0:
            if len(self._head) > MOST_HEAD_BYTES:
                self.received.write(bytes(self._head))
                self._finish()
            return b""
        rest = bytes(self._head[end + len(_HEAD_END) :])
        del self._head[end + len(_HEAD_END) :]
        self.received.write(bytes(self._head))
        self._missing = self._announced()
        self._is_kept = self._missing <= self._most_bytes
        self.expects_continue = self._missing > 0 and bool(_EXPECTS.search(self._head))
        return rest

    def _announced(self) -> int:
        """The body's length. A head that is ambiguous has none: gunicorn's parser refuses it, and
        the app a body that does not say its length.
        """
        lengths = _LENGTH.findall(self._head)
        return int(lengths[0]) if len(lengths) == 1 and not _CODED.search(self._head) else 0

    def _take_body(self, data: bytes) -> None:
        missing = self._missing or 0
        if self._is_kept:
            self.received.write(data[:missing])
        self.surplus = data[missing:]
        self._missing = max(0, missing - len(data))
        if not self._missing:
            self._finish()

    def _finish(self) -> None:
        self.received.rewind()
        self.whole = True


class Received(Unreader):  # type: ignore[misc] # gunicorn ships no types
    """Gives gunicorn's parser what was received, and never asks the socket for more."""

    def __init__(self, incoming: Incoming) -> None:
        super().__init__()
        self.incoming = incoming
        # Whether the parser wanted more than came: then nobody knows where the next request begins.
        self.starved = False

    def chunk(self, size_hint: int | None = None) -> bytes:
        data = self.incoming.received.read(min(max(size_hint or 0, 8192), _CHUNK_BYTES))
        self.starved = self.starved or not data
        return data

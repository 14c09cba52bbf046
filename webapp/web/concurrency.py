"""A concurrency limiter: some run, some wait, everyone else is asked to come back later."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from webapp.web.errors import Busy


class ConcurrencyLimiter:
    """Lets ``slots`` threads run at once and ``waiting`` more queue, first come first served.

    Threads draw tickets 0, 1, 2 ...; ticket ``t`` may run once fewer than ``slots`` of the
    tickets before it are unfinished. ``changed`` gets the numbers of running and waiting ones.
    """

    def __init__(
        self, slots: int, waiting: int, changed: Callable[[int, int], object] = lambda *_: None
    ) -> None:
        self._slots = slots
        self._capacity = slots + waiting
        self._drawn = 0
        self._finished = 0
        self._changed = threading.Condition()
        self._on_change = changed

    @property
    def load(self) -> int:
        """How many run or wait."""
        return self._drawn - self._finished

    @contextmanager
    def slot(self, wait: bool = True) -> Iterator[None]:
        """Wait for a slot and hold it. Raises Busy if the queue is full; without ``wait`` where
        no slot is free.
        """
        with self._changed:
            if self.load >= (self._capacity if wait else self._slots):
                raise Busy("The server is busy with other photos. Please try again in a moment.")
            ticket = self._drawn
            self._drawn += 1
            self._publish_load()
            self._changed.wait_for(lambda: ticket < self._finished + self._slots)
        try:
            yield
        finally:
            with self._changed:
                self._finished += 1
                self._publish_load()
                self._changed.notify_all()

    def _publish_load(self) -> None:
        running = min(self.load, self._slots)
        self._on_change(running, self.load - running)

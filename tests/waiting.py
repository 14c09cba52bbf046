"""Waiting for what happens in another thread or process."""

import time
from collections.abc import Callable

PATIENCE = 30.0
"""Seconds; only what never happens takes as long."""


def eventually(is_so: Callable[[], object], seconds: float = PATIENCE, pause: float = 0.02) -> None:
    """Returns as soon as something is so; fails where it is not within some seconds."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(pause)

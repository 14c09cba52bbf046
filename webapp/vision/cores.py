"""The processor's cores, shared by everything that computes in this process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def available_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def on_all_cores(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """What ``work`` makes of each item, in order, computed side by side.

    One thread a core serves the whole process, first come first served: that keeps the cores busy
    and gives several callers equal shares. ``work`` must release the interpreter to gain anything,
    as OpenCV and ONNX Runtime do, and must not call this function itself: it could wait for ever.
    """
    return list(_POOL.map(work, items))


# Threads start with the first task, so that a process may still fork after the import.
_POOL = ThreadPoolExecutor(available_cores(), "compute")

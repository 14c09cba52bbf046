"""Networks in ONNX Runtime, and the processor's cores, shared by all that computes in a process."""

import math
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
import onnxruntime

from webapp.vision.types import Floats, Pixels

Item = TypeVar("Item")
Result = TypeVar("Result")


def available_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def on_all_cores(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """``work`` applied to each item in parallel; results in order.

    One thread per core serves the whole process, first come first served: that keeps the cores busy
    and gives several callers equal shares. ``work`` must release the interpreter to gain anything,
    as OpenCV and ONNX Runtime do, and must not call this function itself: that could deadlock.
    """
    return list(_POOL.map(work, items))


# Threads start with the first task, so that a process may still fork after the import.
_POOL = ThreadPoolExecutor(available_cores(), "compute")


def open_session(model: bytes, threads: int = 0) -> onnxruntime.InferenceSession:
    """A session on the CPU, safe to run from several threads.

    ``model`` is a serialised ONNX file; ``threads`` is how many cores one call uses, 0 meaning
    all of them. Memory is handed back after every call instead of being kept in an arena that
    grows with each new input size.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False
    options.enable_cpu_mem_arena = False
    # Waiting threads sleep instead of spinning: other requests need the cores.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


MOST_AT_ONCE = 4
"""Most crops per part of a batch: more take a tenth longer each, and more memory."""


class Network:
    """A network with one input and one output. Safe to call from several threads.

    A batch is cut into even parts that run side by side, each on one thread: for such small
    pictures that takes a fifth less time than giving every layer to all cores.
    """

    def __init__(
        self, session: onnxruntime.InferenceSession, most_at_once: int = MOST_AT_ONCE
    ) -> None:
        self._session = session
        given = session.get_inputs()[0]
        self._input = given.name
        # Some published files take one picture at a time.
        self._most_at_once = 1 if given.shape[0] == 1 else most_at_once

    @classmethod
    def load(cls, model: Path | bytes, most_at_once: int = MOST_AT_ONCE) -> "Network":
        """A network from an ONNX file or its bytes."""
        data = model.read_bytes() if isinstance(model, Path) else model
        return cls(open_session(data, threads=1), most_at_once)

    def run(self, batch: Floats | Pixels) -> Floats:
        """The output for a batch of any length, shape (n, ...)."""
        rounds = math.ceil(len(batch) / (available_cores() * self._most_at_once))
        size = max(1, math.ceil(len(batch) / (available_cores() * max(1, rounds))))
        parts = [batch[start : start + size] for start in range(0, max(1, len(batch)), size)]
        return np.concatenate(on_all_cores(self.run_here, parts))

    def run_here(self, batch: Floats | Pixels) -> Floats:
        """The same as one part on the caller's thread, for callers that share work themselves."""
        return np.asarray(self._session.run(None, {self._input: batch})[0], dtype=np.float32)

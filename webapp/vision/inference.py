"""A network of one input and one output in ONNX Runtime."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from webapp.vision.onnx_session import available_cores, open_session
from webapp.vision.types import Pixels

Floats = npt.NDArray[np.float32]


MOST_AT_ONCE = 16
"""Pictures in one part of a batch; bounds the memory, however many faces a photo has."""


class Network:
    """A network with one input and one output. Safe to call from several threads.

    A batch is cut into parts that run side by side, each on one thread: for such small pictures
    that takes a fifth less time than giving every layer to all cores, and callers share them.
    """

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        given = session.get_inputs()[0]
        self._input = given.name
        # Some published files take one picture at a time.
        self._most_at_once = 1 if given.shape[0] == 1 else MOST_AT_ONCE
        self._cores = available_cores()
        self._pool = ThreadPoolExecutor(self._cores, "network")

    @classmethod
    def load(cls, model: Path | bytes) -> Network:
        """A network from an ONNX file or its bytes."""
        data = model.read_bytes() if isinstance(model, Path) else model
        return cls(open_session(data, threads=1))

    def run(self, batch: Floats | Pixels) -> Floats:
        """The first output for a batch of at least one input."""
        even = math.ceil(len(batch) / self._cores)
        size = min(max(even, 1), self._most_at_once)
        parts = [batch[start : start + size] for start in range(0, len(batch), size)]
        return np.concatenate(list(self._pool.map(self._run_part, parts)))

    def _run_part(self, part: Floats | Pixels) -> Floats:
        return np.asarray(self._session.run(None, {self._input: part})[0], dtype=np.float32)

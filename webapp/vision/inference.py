"""A network of one input and one output in ONNX Runtime."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from webapp.vision.cores import available_cores, on_all_cores
from webapp.vision.onnx_session import open_session
from webapp.vision.types import Pixels

Floats = npt.NDArray[np.float32]


MOST_AT_ONCE = 16
"""Pictures of a face in one part of a batch; bounds the memory, however many a photo has."""


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
    def load(cls, model: Path | bytes, most_at_once: int = MOST_AT_ONCE) -> Network:
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

"""Networks in ONNX Runtime: one session a network, shared by all threads of a process."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

Floats = npt.NDArray[np.float32]


class Network:
    """A network with one input and one output. Safe to call from several threads."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self._input = session.get_inputs()[0].name

    @classmethod
    def load(cls, model: Path | bytes) -> Network:
        """A network from an ONNX file or its bytes."""
        source = str(model) if isinstance(model, Path) else model
        return cls(onnxruntime.InferenceSession(source, providers=["CPUExecutionProvider"]))

    def run(self, batch: Floats) -> Floats:
        """The first output for a batch."""
        return np.asarray(self._session.run(None, {self._input: batch})[0], dtype=np.float32)

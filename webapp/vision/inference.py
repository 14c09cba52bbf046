"""A network of one input and one output in ONNX Runtime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from webapp.vision.onnx_session import open_session
from webapp.vision.types import Pixels

Floats = npt.NDArray[np.float32]


class Network:
    """A network with one input and one output. Safe to call from several threads."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self._input = session.get_inputs()[0].name

    @classmethod
    def load(cls, model: Path | bytes) -> Network:
        """A network from an ONNX file or its bytes."""
        return cls(open_session(model.read_bytes() if isinstance(model, Path) else model))

    @property
    def batch_size(self) -> int | None:
        """How many inputs the network takes at once; None where that is free."""
        size = self._session.get_inputs()[0].shape[0]
        return size if isinstance(size, int) else None

    def run(self, batch: Floats | Pixels) -> Floats:
        """The first output for a batch."""
        return np.asarray(self._session.run(None, {self._input: batch})[0], dtype=np.float32)

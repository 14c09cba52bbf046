"""Runs classifiers in ONNX Runtime.

Loading includes a trial run, so that a file of another architecture is refused at once and not
when the first photo arrives.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from onnxruntime.capi import onnxruntime_pybind11_state as onnx_errors

from webapp.vision.errors import ModelFileCorrupt
from webapp.vision.inference import Network
from webapp.vision.types import Floats

ONNX_ERRORS = (
    onnx_errors.EPFail,
    onnx_errors.Fail,
    onnx_errors.InvalidArgument,
    onnx_errors.InvalidGraph,
    onnx_errors.InvalidProtobuf,
    onnx_errors.NotImplemented,
    onnx_errors.RuntimeException,
)


class Classifier:
    """Pictures to class probabilities. Safe to call from several threads."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def probabilities(self, batch: Floats) -> Floats:
        """Shape (n, 3, size, size) becomes (n, classes); every row sums to 1."""
        return _as_probabilities(self._network.run(batch))


def load_classifier(weights: Path, shape: tuple[int, int]) -> Classifier:
    """A classifier from an ONNX file.

    ``shape`` is (side of the input in pixels, number of classes). Raises ModelFileCorrupt if the
    file is no network of that shape.
    """
    size, classes = shape
    try:
        classifier = Classifier(Network.load(weights))
        trial = classifier.probabilities(np.zeros((1, 3, size, size), np.float32))
    except (ValueError, *ONNX_ERRORS) as error:
        raise _not_the_network(weights) from error
    if trial.shape != (1, classes) or not np.isfinite(trial).all():
        raise _not_the_network(weights)
    return classifier


def _not_the_network(weights: Path) -> ModelFileCorrupt:
    return ModelFileCorrupt(f"The file {weights.name} does not hold the network of its card.")


def _as_probabilities(output: npt.NDArray[np.generic]) -> Floats:
    """Rows as probabilities: unchanged if they already are, otherwise through softmax.

    Conversions of one network differ in whether they end before or after its softmax.
    """
    rows = np.asarray(output, np.float32).reshape(len(output), -1)
    if (rows >= 0).all() and np.allclose(rows.sum(axis=1), 1, atol=1e-3):
        return rows
    exponentials = np.exp(rows - rows.max(axis=1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True), np.float32)

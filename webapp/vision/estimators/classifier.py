"""Runs published classifiers: Caffe's files in OpenCV, ONNX files in ONNX Runtime.

Both are loaded with a trial run, so that a file of another architecture is refused here and not
in the middle of somebody's photo.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt
import onnx
from google.protobuf.message import DecodeError
from onnxruntime.capi import onnxruntime_pybind11_state as onnx_errors

from webapp.vision.errors import ModelFileCorrupt
from webapp.vision.inference import Network
from webapp.vision.onnx_rewrites import with_fast_normalization

Floats = npt.NDArray[np.float32]

ONNX_ERRORS = (
    DecodeError,
    onnx.shape_inference.InferenceError,
    onnx_errors.EPFail,
    onnx_errors.Fail,
    onnx_errors.InvalidArgument,
    onnx_errors.InvalidGraph,
    onnx_errors.InvalidProtobuf,
    onnx_errors.NotImplemented,
    onnx_errors.RuntimeException,
)


class Classifier(Protocol):
    """Pictures to class probabilities. Safe to call from several threads."""

    def probabilities(self, batch: Floats) -> Floats:
        """Shape (n, 3, size, size) becomes (n, classes); every row sums to 1."""
        ...


class CaffeClassifier:
    """A ``.caffemodel`` with its ``.prototxt`` in OpenCV's ``dnn``."""

    def __init__(self, layers: Path, weights: Path) -> None:
        self._network = cv2.dnn.readNetFromCaffe(str(layers), str(weights))
        self._lock = Lock()  # a network keeps the picture it is working on

    def probabilities(self, batch: Floats) -> Floats:
        """See ``Classifier.probabilities``."""
        with self._lock:
            self._network.setInput(batch)
            return _as_probabilities(self._network.forward())


class OnnxClassifier:
    """An ONNX file, whatever number of pictures it takes at once."""

    def __init__(self, weights: Path) -> None:
        model = with_fast_normalization(onnx.load(weights))
        self._network = Network.load(model.SerializeToString())

    def probabilities(self, batch: Floats) -> Floats:
        """See ``Classifier.probabilities``."""
        if self._network.batch_size is None:
            return _as_probabilities(self._network.run(batch))
        # The model zoo's files take one picture at a time.
        singles = [self._network.run(picture[np.newaxis]) for picture in batch]
        return _as_probabilities(np.concatenate(singles))


def load_classifier(layers: Path | None, weights: Path, shape: tuple[int, int]) -> Classifier:
    """A classifier from an ONNX file, or from Caffe's two files where there are ``layers``.

    ``shape`` is (side of the input in pixels, number of classes). Raises ModelFileCorrupt where the
    file is no network of that shape.
    """
    size, classes = shape
    try:
        classifier = _open(layers, weights)
        trial = classifier.probabilities(np.zeros((1, 3, size, size), np.float32))
    except (cv2.error, ValueError, *ONNX_ERRORS) as error:
        raise _not_the_network(weights) from error
    if trial.shape != (1, classes) or not np.isfinite(trial).all():
        raise _not_the_network(weights)
    return classifier


def _open(layers: Path | None, weights: Path) -> Classifier:
    return OnnxClassifier(weights) if layers is None else CaffeClassifier(layers, weights)


def _not_the_network(weights: Path) -> ModelFileCorrupt:
    return ModelFileCorrupt(f"The file {weights.name} does not hold the network of its card.")


def _as_probabilities(output: npt.NDArray[np.generic]) -> Floats:
    """Rows of classes: as they are where they are probabilities, else through softmax.

    Conversions of one network differ in whether they end before or after its softmax.
    """
    rows = np.asarray(output, np.float32).reshape(len(output), -1)
    if (rows >= 0).all() and np.allclose(rows.sum(axis=1), 1, atol=1e-3):
        return rows
    exponentials = np.exp(rows - rows.max(axis=1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True), np.float32)

"""Classifiers of Adience's eight age buckets and two genders, as two papers publish them.

Levi and Hassner: "Age and Gender Classification Using Convolutional Neural Networks" (2015).
Lapuschkin, Binder, Müller, Samek: "Understanding and Comparing Deep Neural Networks for Age and
Gender Classification" (2017). Both feed BGR pixels minus a mean, unscaled, and number male before
female, as the training lists of both do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, TypeVar

import cv2
import msgspec
import numpy as np
import numpy.typing as npt
from onnxruntime.capi import onnxruntime_pybind11_state as onnx_errors

from webapp.vision.buckets import BUCKETS
from webapp.vision.card import ModelCard
from webapp.vision.errors import InvalidCard, ModelFileCorrupt
from webapp.vision.estimators.box_crop import BoxCrop
from webapp.vision.inference import Network
from webapp.vision.model_choice import Task
from webapp.vision.photo import Photo
from webapp.vision.types import AgeEstimate, Detection, Floats, GenderEstimate, Pixels

FRAME = 256
"""The side in pixels of the frame that over-sampling takes its views from, in both papers."""
VIEWS = 10
"""Of a face instead of one: four corners and the centre, each with its mirror image. Both papers
score this way: Levi and Hassner 2015, section 3.3, and Lapuschkin et al. 2017.
"""
GENDERS = ("male", "female")

ONNX_ERRORS = (
    onnx_errors.EPFail,
    onnx_errors.Fail,
    onnx_errors.InvalidArgument,
    onnx_errors.InvalidGraph,
    onnx_errors.InvalidProtobuf,
    onnx_errors.NotImplemented,
    onnx_errors.RuntimeException,
)

Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True)
class Preparation:
    """From a face's box to the numbers that a network sees, as the card's ``[input]`` says."""

    # Side in pixels of what the network sees.
    size: int
    # What is subtracted from blue, green and red.
    mean: tuple[float, float, float]
    # See BoxCrop.
    margin: float
    # Whether the answer is the mean over ten views of the face.
    oversample: bool = False

    @classmethod
    def of(cls, card: ModelCard) -> "Preparation":
        """A card's preparation. Raises InvalidCard."""
        try:
            return msgspec.convert(card.input, cls)
        except msgspec.ValidationError as error:
            raise InvalidCard(f"{card.name}: its [input] lacks or garbles {error}") from error

    @property
    def crop(self) -> BoxCrop:
        """The crop to be cut. The centre view of an over-sampled crop is the plain crop."""
        if not self.oversample:
            return BoxCrop(self.size, self.margin)
        wider = (1 + 2 * self.margin) * FRAME / self.size
        return BoxCrop(FRAME, (wider - 1) / 2)

    def batch(self, crops: Sequence[Pixels]) -> Floats:
        """Crops, or ten views of each, as shape (n, 3, size, size): blue, green, red minus mean."""
        pixels = np.stack(crops)
        views = ten_views(pixels, self.size) if self.oversample else pixels
        blue_first = [np.ascontiguousarray(view[:, :, ::-1]) for view in views]
        blob = cv2.dnn.blobFromImages(blue_first, 1.0, (self.size, self.size), self.mean)
        return np.asarray(blob, np.float32)


class FaceClassifier:
    """One network for one task. Safe to call from several threads."""

    task: ClassVar[Task]
    classes: ClassVar[Sequence[str]]

    def __init__(self, card: ModelCard, files: Mapping[str, Path]) -> None:
        """From a card's file for the task. A trial run refuses one of another architecture at once
        and not when the first photo comes. Raises InvalidCard or ModelFileCorrupt.
        """
        self.name = card.name
        self._preparation = Preparation.of(card)
        if self.task not in files:
            raise InvalidCard(f"{card.name}: it names no file for {self.task}")
        weights, size = files[self.task], self._preparation.size
        try:
            self._network = Network.load(weights)
            trial = _probabilities(self._network.run(np.zeros((1, 3, size, size), np.float32)))
        except (ValueError, *ONNX_ERRORS) as error:
            raise _not_the_network(weights) from error
        if trial.shape != (1, len(self.classes)) or not np.isfinite(trial).all():
            raise _not_the_network(weights)

    def crops(self, photo: Photo, faces: Sequence[Detection]) -> list[Pixels]:
        """See ``Predictor.crops``; with over-sampling the frame that holds the ten views."""
        return [self._preparation.crop.cut(photo, face.box) for face in faces]

    def probabilities(self, crops: Sequence[Pixels]) -> Floats:
        """Shape (faces, classes); every row sums to 1."""
        probabilities = _probabilities(self._network.run(self._preparation.batch(crops)))
        return mean_of_views(probabilities) if self._preparation.oversample else probabilities


class AgeClassifier(FaceClassifier):
    """The eight buckets."""

    task = "age"
    classes = BUCKETS

    def estimate(self, crops: Sequence[Pixels]) -> list[AgeEstimate]:
        """One distribution over the buckets per crop; these networks do not estimate years."""
        return [
            AgeEstimate(dict(zip(BUCKETS, map(float, row), strict=True)))
            for row in self.probabilities(crops)
        ]


class GenderClassifier(FaceClassifier):
    """Male and female."""

    task = "gender"
    classes = GENDERS

    def estimate(self, crops: Sequence[Pixels]) -> list[GenderEstimate]:
        """One estimate per crop."""
        female = GENDERS.index("female")
        return [GenderEstimate(float(row[female])) for row in self.probabilities(crops)]


def ten_views(frames: npt.NDArray[Number], size: int) -> npt.NDArray[Number]:
    """The views of square frames: shape (n, side, side, 3) becomes (10 · n, size, size, 3).

    The ten views of a frame follow one another; ``size`` is at most ``side``.
    """
    last = frames.shape[1] - size
    corners = [(0, 0), (0, last), (last, 0), (last, last), (last // 2, last // 2)]
    five = np.stack([frames[:, y : y + size, x : x + size] for y, x in corners], axis=1)
    ten = np.concatenate([five, five[:, :, :, ::-1]], axis=1)
    return ten.reshape(-1, size, size, frames.shape[3])


def mean_of_views(probabilities: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Shape (10 · n, classes), views of a frame in a row, becomes (n, classes)."""
    views = probabilities.reshape(-1, VIEWS, probabilities.shape[1])
    return np.asarray(views.mean(axis=1), np.float32)


def _not_the_network(weights: Path) -> ModelFileCorrupt:
    return ModelFileCorrupt(f"The file {weights.name} does not hold the network of its card.")


def _probabilities(output: npt.NDArray[np.generic]) -> Floats:
    """Rows as probabilities: unchanged if they already are, otherwise through softmax.

    Conversions of one network differ in whether they end before or after its softmax.
    """
    rows = np.asarray(output, np.float32).reshape(len(output), -1)
    if (rows >= 0).all() and np.allclose(rows.sum(axis=1), 1, atol=1e-3):
        return rows
    exponentials = np.exp(rows - rows.max(axis=1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True), np.float32)

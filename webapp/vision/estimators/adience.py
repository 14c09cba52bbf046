"""Classifiers of Adience's eight age buckets and two genders, as two papers publish them.

Levi and Hassner: "Age and Gender Classification Using Convolutional Neural Networks" (2015).
Lapuschkin, Binder, Müller, Samek: "Understanding and Comparing Deep Neural Networks for Age and
Gender Classification" (2017). Both feed BGR pixels minus a mean, unscaled, and number male before
female, as the training lists of both do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from webapp.vision.buckets import BUCKETS
from webapp.vision.card import ModelCard
from webapp.vision.errors import InvalidCard
from webapp.vision.estimators.box_crop import BoxCrop
from webapp.vision.estimators.classifier import Classifier, load_classifier
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
    def of(cls, card: ModelCard) -> Preparation:
        """A card's preparation. Raises InvalidCard."""
        try:
            blue, green, red = card.input["mean"]
            return cls(
                size=int(card.input["size"]),
                mean=(float(blue), float(green), float(red)),
                margin=float(card.input["margin"]),
                oversample=bool(card.input.get("oversample", False)),
            )
        except (KeyError, TypeError, ValueError) as error:
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
    """One network for one task."""

    def __init__(self, name: str, classifier: Classifier, preparation: Preparation) -> None:
        self.name = name
        self._classifier = classifier
        self._preparation = preparation

    def crops(self, photo: Photo, faces: Sequence[Detection]) -> list[Pixels]:
        """See ``Predictor.crops``; with over-sampling the frame that holds the ten views."""
        return [self._preparation.crop.cut(photo, face.box) for face in faces]

    def probabilities(self, crops: Sequence[Pixels]) -> Floats:
        """Shape (faces, classes)."""
        probabilities = self._classifier.probabilities(self._preparation.batch(crops))
        return mean_of_views(probabilities) if self._preparation.oversample else probabilities


class AgeClassifier(FaceClassifier):
    """The eight buckets."""

    @classmethod
    def load(cls, card: ModelCard, files: Mapping[str, Path]) -> Self:
        """From a card's file ``age``. Raises ModelFileCorrupt."""
        return cls(*_loaded(card, files, "age", len(BUCKETS)))

    def estimate(self, crops: Sequence[Pixels]) -> list[AgeEstimate]:
        """One distribution over the buckets per crop; these networks do not estimate years."""
        return [
            AgeEstimate(dict(zip(BUCKETS, map(float, row), strict=True)))
            for row in self.probabilities(crops)
        ]


class GenderClassifier(FaceClassifier):
    """Male and female."""

    @classmethod
    def load(cls, card: ModelCard, files: Mapping[str, Path]) -> Self:
        """From a card's file ``gender``. Raises ModelFileCorrupt."""
        return cls(*_loaded(card, files, "gender", len(GENDERS)))

    def estimate(self, crops: Sequence[Pixels]) -> list[GenderEstimate]:
        """One estimate per crop."""
        female = GENDERS.index("female")
        return [GenderEstimate(float(row[female])) for row in self.probabilities(crops)]


def _loaded(
    card: ModelCard, files: Mapping[str, Path], task: Task, classes: int
) -> tuple[str, Classifier, Preparation]:
    preparation = Preparation.of(card)
    if task not in files:
        raise InvalidCard(f"{card.name}: it names no file for {task}")
    return card.name, load_classifier(files[task], (preparation.size, classes)), preparation


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

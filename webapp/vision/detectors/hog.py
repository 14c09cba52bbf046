"""dlib's frontal face detector: histograms of oriented gradients and a linear classifier."""

import math
from collections.abc import Mapping
from pathlib import Path
from threading import Lock

import dlib

from webapp.vision.card import ModelCard
from webapp.vision.detectors.base import DetectionOptions, DetectionSettings
from webapp.vision.detectors.scaling import Scaling
from webapp.vision.photo import Photo
from webapp.vision.types import Detection


class HogDetector:
    """``dlib.get_frontal_face_detector()``: precise, for faces of 80 pixels and more."""

    def __init__(self, card: ModelCard, _files: Mapping[str, Path]) -> None:
        self.name = card.name
        self.settings = DetectionSettings.of(card)
        self._detector = dlib.get_frontal_face_detector()
        self._lock = Lock()  # a scanner keeps the feature pyramid of the picture it is working on

    def detect(self, photo: Photo, options: DetectionOptions) -> list[Detection]:
        """See ``Detector.detect``. The confidence is the logistic of the classifier's margin."""
        settings = self.settings.with_options(options)
        pixels = photo.bounded_area(settings.pixels)
        scaling = Scaling.between(pixels, photo)
        margin = _margin(settings.threshold)
        with self._lock:
            rectangles, margins, _ = self._detector.run(pixels, 0, margin)
        found = [
            Detection(scaling.box(*_corners(rectangle)), 1.0 / (1.0 + math.exp(-score)))
            for rectangle, score in zip(rectangles, margins, strict=True)
        ]
        return sorted(found, key=lambda face: -face.confidence)


def _corners(rectangle: dlib.rectangle) -> tuple[int, int, int, int]:
    """Left, top, right and bottom; dlib's right and bottom are the last pixels inside."""
    return rectangle.left(), rectangle.top(), rectangle.right() + 1, rectangle.bottom() + 1


def _margin(threshold: float) -> float:
    """The classifier's margin whose logistic is a threshold."""
    bounded = min(max(threshold, 1e-3), 1 - 1e-3)
    return math.log(bounded / (1 - bounded))

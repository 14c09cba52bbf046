"""The article's Haar cascade: very fast, at its best on upright frontal faces."""

import math
from collections.abc import Mapping
from pathlib import Path
from threading import Lock

import cv2

from webapp.vision.card import ModelCard
from webapp.vision.detectors.base import DetectionOptions, DetectionSettings
from webapp.vision.detectors.scaling import Scaling
from webapp.vision.photo import Photo
from webapp.vision.types import Detection

SCALE_FACTOR = 1.3
"""The article's step between two sizes of face."""
NEIGHBOURS = 5
"""The article's number of overlapping hits that make a face; a confidence of one half here."""


class HaarDetector:
    """OpenCV's frontal face cascade with the article's parameters."""

    def __init__(self, card: ModelCard, files: Mapping[str, Path]) -> None:
        self.name = card.name
        self.settings = DetectionSettings.of(card)
        self._cascade = cv2.CascadeClassifier(str(files["cascade"]))
        self._lock = Lock()  # a cascade keeps the picture it is working on

    def detect(self, photo: Photo, options: DetectionOptions) -> list[Detection]:
        """See ``Detector.detect``. The confidence grows with the number of overlapping hits."""
        settings = self.settings.with_options(options)
        pixels = photo.bounded_area(settings.pixels)
        scaling = Scaling.between(pixels, photo)
        grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        with self._lock:
            boxes, hits = self._cascade.detectMultiScale2(
                grey,
                SCALE_FACTOR,
                _neighbours(settings.threshold),
                minSize=(settings.minimum_face, settings.minimum_face),
            )
        found = [
            Detection(scaling.box(x, y, x + width, y + height), _confidence(int(count)))
            for (x, y, width, height), count in zip(boxes, hits, strict=True)
        ]
        return sorted(found, key=lambda face: -face.confidence)


def _confidence(hits: int) -> float:
    """0.0 to 1.0, one half at the article's number of neighbours. An order, not a probability."""
    return hits / (hits + NEIGHBOURS)


def _neighbours(threshold: float) -> int:
    """The number of hits whose confidence reaches a threshold."""
    return max(1, math.ceil(NEIGHBOURS * threshold / max(1 - threshold, 1e-3)))

"""MTCNN: a cascade of three small networks from coarse proposals to faces with landmarks.

Zhang, Zhang, Li, Qiao: "Joint Face Detection and Alignment Using Multitask Cascaded Convolutional
Networks" (2016).
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from webapp.vision.card import ModelCard
from webapp.vision.detectors.base import DetectionOptions, DetectionSettings
from webapp.vision.detectors.mtcnn_cascade import Cascade, Faces
from webapp.vision.detectors.mtcnn_networks import Networks
from webapp.vision.detectors.scaling import Scaling
from webapp.vision.photo import Photo
from webapp.vision.types import Detection, Pixels


class MtcnnDetector:
    """The article's detector. Safe to call from several threads."""

    def __init__(self, card: ModelCard, files: Mapping[str, Path]) -> None:
        self.name = card.name
        self.settings = DetectionSettings.of(card)
        self._cascade = Cascade(Networks.load(files))
        self._faces(np.zeros((64, 64, 3), np.uint8), self.settings)

    def detect(self, photo: Photo, options: DetectionOptions) -> list[Detection]:
        """Every face in a photo with its landmarks, the most confident first."""
        settings = self.settings.with_options(options)
        copy = photo.bounded_area(settings.pixels)
        faces = self._faces(copy, settings)
        scaling = Scaling.between(copy, photo)
        return scaling.detections(faces.boxes, faces.scores, faces.landmarks)

    def _faces(self, copy: Pixels, settings: DetectionSettings) -> Faces:
        picture = copy.astype(np.float32)
        proposals = self._cascade.propose(picture, settings.minimum_face)
        candidates = self._cascade.refine(picture, proposals)
        return self._cascade.finish(picture, candidates, settings.threshold)

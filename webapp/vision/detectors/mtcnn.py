"""MTCNN: a cascade of three small networks from coarse proposals to faces with landmarks.

Zhang, Zhang, Li, Qiao: "Joint Face Detection and Alignment Using Multitask Cascaded Convolutional
Networks" (2016).
"""

from __future__ import annotations

import numpy as np

from webapp.vision.detectors.base import DetectionOptions
from webapp.vision.detectors.boxes import Floats
from webapp.vision.detectors.mtcnn_cascade import (
    OUTPUT_THRESHOLD,
    Faces,
    finish,
    propose,
    refine,
)
from webapp.vision.detectors.mtcnn_networks import Networks
from webapp.vision.detectors.scaling import Scaling
from webapp.vision.photo import Photo
from webapp.vision.types import Detection, Landmarks, Pixels


class MtcnnDetector:
    """The default detector. Safe to call from several threads.

    ``threads`` is how many cores one photo may use; 0 means all. Building it raises
    ModelFileMissing where the package ``mtcnn``, which holds the weights, is not installed.
    """

    name = "mtcnn"

    def __init__(self, threads: int = 0) -> None:
        self._networks = Networks.load(threads)

    def detect(self, photo: Photo, options: DetectionOptions) -> list[Detection]:
        """Every face in a photo with its landmarks, the most confident first."""
        copy = photo.bounded(options.long_side)
        faces = self._faces(copy, options)
        scaling = Scaling.between(copy, photo)
        detections = [
            _detection(box, score, landmarks, scaling)
            for box, score, landmarks in zip(
                faces.boxes, faces.scores, faces.landmarks, strict=True
            )
        ]
        inside = [detection for detection in detections if detection.box.area > 0]
        return inside[: options.maximum_faces]

    def _faces(self, pixels: Pixels, options: DetectionOptions) -> Faces:
        threshold = OUTPUT_THRESHOLD if options.threshold is None else options.threshold
        proposals = propose(self._networks, pixels, options.minimum_face)
        candidates = refine(self._networks, pixels, proposals)
        return finish(self._networks, pixels, candidates, threshold)


def _detection(box: Floats, score: np.float32, points: Floats, scaling: Scaling) -> Detection:
    corners = [float(edge) for edge in box]
    landmarks = Landmarks(*(scaling.point(float(x), float(y)) for x, y in points))
    return Detection(scaling.box(*corners), float(score), landmarks)

"""Detection in pictures that each are one face crop: pad, detect, keep the best face."""

from dataclasses import replace

import cv2
import numpy as np

from webapp.vision.detectors.base import DetectionOptions, DetectionSettings, Detector
from webapp.vision.detectors.scaling import Scaling
from webapp.vision.photo import Photo
from webapp.vision.types import Box, Detection, Pixels

SIDE = 240
"""Longer side, in pixels, to which a face crop is brought before it is padded."""

PADDING = 0.3
"""Reflected on every edge, in units of that side: detectors miss faces that fill the frame."""

SMALLEST = 0.25
"""The smallest face looked for, in units of that side."""

LENIENT = 0.3
"""The least confidence at the second look. It finds two in three of the faces that the first one
misses in UTKFace and in faces of group photos, where the first one misses 0.3 %."""


class FaceCropDetector:
    """Wraps a detector for pictures that show one face each, however tightly cropped."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector

    @property
    def name(self) -> str:
        return self._detector.name

    @property
    def settings(self) -> DetectionSettings:
        """Only the face is looked for, so there are no possible faces."""
        inner = self._detector.settings
        return replace(inner, lower_threshold=inner.threshold)

    def detect(self, photo: Photo, options: DetectionOptions) -> list[Detection]:
        """The face that best fills the picture, weighted by confidence, or an empty list."""
        scaled = _scaled(photo)
        padding = round(PADDING * max(scaled.shape[:2]))
        edges = (padding, padding, padding, padding)
        padded = cv2.copyMakeBorder(scaled, *edges, borderType=cv2.BORDER_REFLECT_101)
        height, width = padded.shape[:2]
        wanted = replace(options, pixels=width * height, minimum_face=round(SMALLEST * SIDE))
        found = self._faces(Photo.of(padded.astype(np.uint8, copy=False)), wanted)
        if not found:
            return []
        frame = Box(padding, padding, scaled.shape[1], scaled.shape[0])
        best = max(found, key=lambda face: face.confidence * face.box.iou(frame))
        scale = photo.width / scaled.shape[1]
        scaling = Scaling(photo.width, photo.height, scale, scale, padding, padding)
        return [scaling.detection(best)]

    def _faces(self, padded: Photo, options: DetectionOptions) -> list[Detection]:
        """The faces found; if none, a second look with a lower threshold: there should be one."""
        found = self._detector.detect(padded, options)
        if found or options.threshold is not None:
            return found
        return self._detector.detect(padded, replace(options, threshold=LENIENT))


def _scaled(photo: Photo) -> Pixels:
    longer = max(photo.width, photo.height)
    if longer >= SIDE:
        return photo.bounded(SIDE)
    size = (round(photo.width * SIDE / longer), round(photo.height * SIDE / longer))
    return cv2.resize(photo.pixels, size, interpolation=cv2.INTER_CUBIC).astype(
        np.uint8, copy=False
    )

"""The face in a box that a person drew: the box is theirs, the landmarks a detector's."""

import numpy as np

from webapp.vision.detectors.base import DetectionOptions, Detector
from webapp.vision.detectors.face_crop import SIDE, FaceCropDetector
from webapp.vision.detectors.scaling import Scaling
from webapp.vision.photo import Photo
from webapp.vision.types import Box, Detection

SURROUNDINGS = 0.25
"""What a detector sees around the box on every edge, as a share of the box's longer side: people
draw boxes tightly or a little beside the face."""
AGREEMENT = 0.3
"""Least intersection over union of the box and what a detector finds: otherwise it is another
face, or none."""


def face_in_box(photo: Photo, box: Box, detector: Detector) -> Detection:
    """The face in a box, with the landmarks that a detector finds there; without any, networks
    take their crop from the box alone. The confidence is that of the person, 1.0.
    """
    margin = round(SURROUNDINGS * max(box.width, box.height))
    area = box.with_margin(margin, margin).clipped(photo.width, photo.height)
    pixels = photo.for_scale(SIDE / max(area.width, area.height))
    scale = photo.width / pixels.shape[1]
    seen = area.scaled(1 / scale)
    part = pixels[seen.y : max(seen.bottom, seen.y + 1), seen.x : max(seen.right, seen.x + 1)]
    found = FaceCropDetector(detector).detect(
        Photo.of(np.ascontiguousarray(part)), DetectionOptions()
    )
    scaling = Scaling(photo.width, photo.height, scale, scale, -seen.x, -seen.y)
    placed = map(scaling.detection, found)
    same = (face.landmarks for face in placed if face.box.iou(box) >= AGREEMENT)
    return Detection(box, 1.0, next(same, None))

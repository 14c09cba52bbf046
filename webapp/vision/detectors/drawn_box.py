"""The face in a box that a person drew: the box is theirs, the landmarks a detector's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from webapp.vision.detectors.base import DetectionOptions, Detector
from webapp.vision.detectors.face_crop import SIDE, FaceCropDetector
from webapp.vision.photo import Photo
from webapp.vision.types import Box, Detection, Landmarks

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
    area = Box(box.x - margin, box.y - margin, box.width + 2 * margin, box.height + 2 * margin)
    area = area.clipped(photo.width, photo.height)
    pixels = photo.for_scale(SIDE / max(area.width, area.height))
    scale = photo.width / pixels.shape[1]
    seen = Box(*(round(value / scale) for value in (area.x, area.y, area.width, area.height)))
    part = pixels[seen.y : max(seen.bottom, seen.y + 1), seen.x : max(seen.right, seen.x + 1)]
    found = FaceCropDetector(detector).detect(
        Photo.of(np.ascontiguousarray(part)), DetectionOptions()
    )
    placed = [_placed(face, seen, scale) for face in found]
    same = (face.landmarks for face in placed if face.box.iou(box) >= AGREEMENT)
    return Detection(box, 1.0, next(same, None))


def _placed(face: Detection, part: Box, scale: float) -> Detection:
    """A face found in a part of a smaller copy, in pixels of the photo."""

    def moved(x: float, y: float) -> tuple[int, int]:
        return round((part.x + x) * scale), round((part.y + y) * scale)

    left, top = moved(face.box.x, face.box.y)
    right, bottom = moved(face.box.right, face.box.bottom)
    points = face.landmarks and Landmarks(*(moved(*point) for point in face.landmarks.points()))
    return replace(face, box=Box(left, top, right - left, bottom - top), landmarks=points)

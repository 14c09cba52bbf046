"""Landmarks for a box that a person drew: from a detector where it sees the same face."""

from collections.abc import Sequence

import pytest

from tests.samples import grace_hopper
from webapp.vision.detectors.base import DetectionOptions, DetectionSettings
from webapp.vision.detectors.drawn_box import face_in_box
from webapp.vision.photo import Photo
from webapp.vision.types import Box, Detection, Landmarks

FACE = Box(170, 100, 170, 220)
EYE = (215, 190)


class KnowingDetector:
    """Finds the one face of a part of the portrait by where a landmark of it should be."""

    name = "knowing"
    settings = DetectionSettings()

    def __init__(self, boxes: Sequence[tuple[float, float, float, float]]) -> None:
        self.boxes = boxes

    def detect(self, photo: Photo, options: DetectionOptions) -> list[Detection]:
        assert options.pixels == photo.width * photo.height
        found = []
        for left, top, right, bottom in self.boxes:
            x, y = round(left * photo.width), round(top * photo.height)
            box = Box(x, y, round(right * photo.width) - x, round(bottom * photo.height) - y)
            corner = (box.x, box.y)
            found.append(Detection(box, 0.9, Landmarks(*5 * (corner,))))
        return found


def test_landmarks_come_back_in_pixels_of_the_photo() -> None:
    # The padded part: 0.3 of its longer side beyond the part, a quarter of the face beyond the box.
    photo = Photo.of(grace_hopper())
    detector = KnowingDetector([(0.3, 0.3, 0.7, 0.7)])
    found = face_in_box(photo, FACE, detector)
    assert found.box == FACE
    assert found.landmarks is not None
    x, y = found.landmarks.left_eye
    assert x == pytest.approx(FACE.x - 10, abs=45)
    assert y == pytest.approx(FACE.y - 10, abs=45)


@pytest.mark.parametrize("boxes", [[], [(0.0, 0.0, 0.2, 0.2)]], ids=["none", "another face"])
def test_without_the_same_face_there_are_no_landmarks(
    boxes: list[tuple[float, float, float, float]],
) -> None:
    found = face_in_box(Photo.of(grace_hopper()), FACE, KnowingDetector(boxes))
    assert found == Detection(FACE, 1.0, None)


@pytest.mark.parametrize(
    "box", [Box(0, 0, 8, 8), Box(0, 0, 512, 600), Box(504, 592, 8, 8), Box(0, 200, 512, 8)]
)
def test_every_box_in_the_photo_will_do(box: Box) -> None:
    detector = KnowingDetector([(0.2, 0.2, 0.8, 0.8)])
    assert face_in_box(Photo.of(grace_hopper()), box, detector).box == box

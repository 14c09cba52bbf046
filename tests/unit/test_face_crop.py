"""Detectors around a detector: for a picture that is one face's crop, for a box that a person drew;
what the inner one finds comes back in the coordinates of the picture.
"""

from collections.abc import Sequence

import numpy as np
import pytest

from tests.samples import grace_hopper
from tests.web.fakes import FakeDetector
from webapp.vision.detectors.base import DetectionOptions
from webapp.vision.detectors.drawn_box import face_in_box
from webapp.vision.detectors.face_crop import FaceCropDetector
from webapp.vision.photo import Photo
from webapp.vision.types import Box, Detection

HALF, MOST, CORNER = (0.25, 0.25, 0.5, 0.5), (0.2, 0.2, 0.6, 0.6), (0.0, 0.0, 0.1, 0.1)
FACE = Box(170, 100, 170, 220)


def found_in(
    side: int, detector: FakeDetector, options: DetectionOptions | None = None
) -> list[Detection]:
    """The face of a square crop. The inner detector is to look at all of what it is shown."""
    photo = Photo.of(np.zeros((side, side, 3), np.uint8))
    found = FaceCropDetector(detector).detect(photo, options or DetectionOptions())
    assert all(asked.pixels == seen.width * seen.height for seen, asked in detector.asked)
    return found


@pytest.mark.parametrize("side", [40, 200, 1000])
def test_boxes_and_landmarks_come_back_in_the_pictures_pixels(side: int) -> None:
    (face,) = found_in(side, FakeDetector(shares=[HALF]))
    assert face.landmarks is not None
    assert face.landmarks.nose == pytest.approx((side / 2, side / 2), abs=0.02 * side)
    assert face.box.x == pytest.approx(0.1 * side, abs=0.02 * side)
    assert face.box.width == pytest.approx(0.8 * side, abs=0.02 * side)


def test_the_face_that_fills_the_picture_wins_over_a_surer_small_one() -> None:
    detector = FakeDetector(shares=[CORNER])
    detector.unsure = [MOST]
    (face,) = found_in(200, detector, DetectionOptions(threshold=0.5))
    assert face.confidence == 0.6


def test_small_pictures_are_enlarged_and_large_ones_shrunk() -> None:
    detector = FakeDetector()
    for side in (40, 3000):
        assert found_in(side, detector) == []
    assert len({(seen.width, seen.height) for seen, _ in detector.asked}) == 1


def test_where_nothing_is_found_a_second_look_is_less_strict() -> None:
    detector = FakeDetector()
    detector.unsure = [MOST]
    assert len(found_in(200, detector)) == 1
    assert found_in(200, detector, DetectionOptions(threshold=0.7)) == []


def test_landmarks_of_a_drawn_face_come_back_in_pixels_of_the_photo() -> None:
    found = face_in_box(Photo.of(grace_hopper()), FACE, FakeDetector(shares=[(0.3, 0.3, 0.4, 0.4)]))
    assert found.box == FACE
    assert found.landmarks is not None
    # The padded part: 0.3 of its longer side beyond it, a quarter of the face beyond the box.
    x, y = found.landmarks.nose
    assert x == pytest.approx(FACE.x + FACE.width / 2, abs=45)
    assert y == pytest.approx(FACE.y + FACE.height / 2, abs=45)


@pytest.mark.parametrize("shares", [[], [(0.0, 0.0, 0.2, 0.2)]], ids=["none", "another face"])
def test_without_the_same_face_there_are_no_landmarks(
    shares: Sequence[tuple[float, float, float, float]],
) -> None:
    found = face_in_box(Photo.of(grace_hopper()), FACE, FakeDetector(shares=shares))
    assert found == Detection(FACE, 1.0, None)


@pytest.mark.parametrize(
    "box", [Box(0, 0, 8, 8), Box(0, 0, 512, 600), Box(504, 592, 8, 8), Box(0, 200, 512, 8)]
)
def test_every_box_in_the_photo_will_do(box: Box) -> None:
    detector = FakeDetector(shares=[MOST])
    assert face_in_box(Photo.of(grace_hopper()), box, detector).box == box

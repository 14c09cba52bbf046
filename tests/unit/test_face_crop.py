"""A picture that is one face crop gives that one face, in the picture's own coordinates."""

import numpy as np
import pytest

from webapp.vision.detectors.base import DetectionOptions, DetectionSettings
from webapp.vision.detectors.face_crop import FaceCropDetector
from webapp.vision.photo import Photo
from webapp.vision.types import Box, Detection, Landmarks


class FakeDetector:
    """Finds what it is told, as fractions of the picture that it is shown."""

    name = "fake"
    settings = DetectionSettings()

    def __init__(self, *found: tuple[float, float, float, float, float]) -> None:
        self._found = found
        self.shown: tuple[int, int] | None = None

    def detect(self, photo: Photo, options: DetectionOptions) -> list[Detection]:
        assert options.pixels == photo.width * photo.height
        self.shown = (photo.width, photo.height)
        least = 0.5 if options.threshold is None else options.threshold
        return [
            Detection(
                Box(
                    round(x * photo.width), round(y * photo.height),
                    round(width * photo.width), round(height * photo.height),
                ),
                confidence,
                Landmarks(*(5 * [(photo.width // 2, photo.height // 2)])),
            )
            for x, y, width, height, confidence in self._found
            if confidence >= least
        ]  # fmt: skip


def picture(side: int) -> Photo:
    return Photo.of(np.zeros((side, side, 3), np.uint8))


@pytest.mark.parametrize("side", [40, 200, 1000])
def test_boxes_and_landmarks_come_back_in_the_pictures_pixels(side: int) -> None:
    (face,) = FaceCropDetector(FakeDetector((0.25, 0.25, 0.5, 0.5, 0.9))).detect(
        picture(side), DetectionOptions()
    )
    assert face.landmarks is not None
    assert face.landmarks.nose == pytest.approx((side / 2, side / 2), abs=0.02 * side)
    assert face.box.x == pytest.approx(0.1 * side, abs=0.02 * side)
    assert face.box.width == pytest.approx(0.8 * side, abs=0.02 * side)


def test_the_face_that_fills_the_picture_wins_over_a_surer_small_one() -> None:
    detector = FakeDetector((0.0, 0.0, 0.1, 0.1, 0.99), (0.2, 0.2, 0.6, 0.6, 0.8))
    (face,) = FaceCropDetector(detector).detect(picture(200), DetectionOptions())
    assert face.confidence == 0.8


def test_no_face_is_an_empty_list() -> None:
    assert FaceCropDetector(FakeDetector()).detect(picture(200), DetectionOptions()) == []


def test_small_pictures_are_enlarged_and_large_ones_shrunk() -> None:
    detector = FakeDetector()
    sizes = []
    for side in (40, 3000):
        FaceCropDetector(detector).detect(picture(side), DetectionOptions())
        sizes.append(detector.shown)
    assert sizes[0] == sizes[1]


def test_where_nothing_is_found_a_second_look_is_less_strict() -> None:
    detector = FaceCropDetector(FakeDetector((0.2, 0.2, 0.6, 0.6, 0.4)))
    assert len(detector.detect(picture(200), DetectionOptions())) == 1
    assert detector.detect(picture(200), DetectionOptions(threshold=0.6)) == []

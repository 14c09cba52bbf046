"""The canonical crop shows the same framing, wherever and however a face lies in a photo."""

import math

import numpy as np
import pytest

from tests.samples import astronaut
from webapp.vision.crop import TEMPLATE, FaceSquare, crop_face
from webapp.vision.photo import Photo
from webapp.vision.types import Box, Detection, Landmarks, Pixels

SIDE = 100


def face_at(x: float, y: float, side: float, angle: float = 0.0) -> Detection:
    """A face whose canonical square has this centre, side and angle."""
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    points = (TEMPLATE - 0.5) * side @ turn.T + (x, y)
    landmarks = Landmarks(*((round(px), round(py)) for px, py in points))
    box = Box(*(round(v) for v in (x - side / 2, y - side / 2, side, side)))
    return Detection(box, 1.0, landmarks)


def picture_with_marks(face: Detection) -> Pixels:
    """A dark photo, 1000×1000, with a bright disc at each landmark."""
    rows, columns = np.mgrid[0:1000, 0:1000]
    pixels = np.zeros((1000, 1000, 3), np.uint8)
    assert face.landmarks is not None
    for x, y in face.landmarks.points():
        pixels[(columns - x) ** 2 + (rows - y) ** 2 < 14**2] = 255
    return pixels


@pytest.mark.parametrize("angle", [0.0, 0.5, -1.2, math.pi])
@pytest.mark.parametrize(("x", "y", "side"), [(500, 500, 400), (430, 610, 300)])
def test_the_landmarks_land_on_the_template(x: float, y: float, side: float, angle: float) -> None:
    face = face_at(x, y, side, angle)
    crop = crop_face(Photo.of(picture_with_marks(face)), face, SIDE)
    assert crop.shape == (SIDE, SIDE, 3)
    assert crop.dtype == np.uint8
    for column, row in (TEMPLATE * SIDE).round().astype(int):
        assert crop[row, column].min() > 128


def test_a_margin_shows_more_around_the_same_square() -> None:
    face = face_at(500, 500, 300)
    photo = Photo.of(picture_with_marks(face))
    wide = crop_face(photo, face, 130, 1.3).astype(int)
    np.testing.assert_allclose(wide[15:115, 15:115], crop_face(photo, face, SIDE), atol=60)
    assert np.abs(wide[15:115, 15:115] - crop_face(photo, face, SIDE)).mean() < 3


def test_a_turned_head_does_not_look_nearer() -> None:
    frontal = FaceSquare.of(face_at(500, 500, 300))
    frontal_box = face_at(500, 500, 300).box
    points = (TEMPLATE - 0.5) * (0.4, 1.0) * 300 + 500
    turned = Detection(frontal_box, 1.0, Landmarks(*((round(x), round(y)) for x, y in points)))
    assert FaceSquare.of(turned).side == pytest.approx(frontal.side, rel=0.03)


def test_from_a_box_alone_the_crop_is_upright_and_about_the_box() -> None:
    square = FaceSquare.of(Detection(Box(100, 100, 200, 200), 1.0))
    assert square.angle == 0.0
    assert square.side == pytest.approx(200, rel=0.1)
    assert (square.x, square.y) == (200, pytest.approx(200, abs=20))


def test_beyond_the_border_the_photo_is_reflected() -> None:
    crop = crop_face(Photo.of(np.full((60, 60, 3), 200, np.uint8)), face_at(0, 0, 100), SIDE)
    assert (crop == 200).all()


@pytest.mark.parametrize("box", [Box(0, 0, 1, 1), Box(511, 511, 1, 1), Box(500, 0, 12, 300)])
def test_any_box_gives_a_crop(box: Box) -> None:
    assert crop_face(Photo.of(astronaut()), Detection(box, 1.0), SIDE).shape == (SIDE, SIDE, 3)


@pytest.mark.parametrize("scale", [0.2, 3.0])
def test_landmarks_that_a_mask_has_shrunk_or_spread_are_not_believed(scale: float) -> None:
    box = face_at(500, 500, 300).box
    wrong = Detection(box, 1.0, face_at(500, 500, scale * 300).landmarks)
    assert FaceSquare.of(wrong) == FaceSquare.of(Detection(box, 1.0))


def test_coinciding_landmarks_give_a_crop() -> None:
    face = Detection(Box(5, 5, 9, 9), 1.0, Landmarks(*(5 * [(9, 9)])))
    assert crop_face(Photo.of(astronaut()), face, SIDE).shape == (SIDE, SIDE, 3)


def test_shrinking_averages_instead_of_skipping_pixels() -> None:
    stripes = np.zeros((800, 800, 3), np.uint8)
    stripes[:, ::2] = 255
    crop = crop_face(Photo.of(stripes), face_at(400, 400, 600), 60)
    assert crop.std() < 30
    assert crop.mean() == pytest.approx(127.5, abs=10)

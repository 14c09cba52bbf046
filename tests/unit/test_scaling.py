"""What a detector finds in a smaller copy lies at the same place in the photo."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from webapp.vision.detectors.scaling import Scaling
from webapp.vision.photo import Photo
from webapp.vision.types import Box


def scaling(photo_size: tuple[int, int], copy_size: tuple[int, int]) -> Scaling:
    """The scaling for sizes given as (width, height)."""
    photo = Photo.of(np.zeros((photo_size[1], photo_size[0], 3), np.uint8))
    copy = np.zeros((copy_size[1], copy_size[0], 3), np.uint8)
    return Scaling.between(copy, photo)


def test_a_copy_of_the_same_size_changes_nothing() -> None:
    same = scaling((64, 48), (64, 48))
    assert same.box(3, 5, 20, 30) == Box(3, 5, 17, 25)
    assert same.point(7, 9) == (7, 9)


def test_each_axis_has_its_own_factor() -> None:
    halved_and_thirded = scaling((200, 300), (100, 100))
    assert halved_and_thirded.box(10, 10, 30, 40) == Box(20, 30, 40, 90)
    assert halved_and_thirded.point(1.5, 1.5) == (3, 4)


def test_boxes_are_clipped_but_landmarks_may_lie_outside() -> None:
    doubled = scaling((100, 100), (50, 50))
    assert doubled.box(-5, 40, 10, 60) == Box(0, 80, 20, 20)
    assert doubled.point(-5, 60) == (-10, 120)


def test_results_are_plain_numbers() -> None:
    doubled = scaling((100, 100), (50, 50))
    box = doubled.box(*np.array([1, 2, 3, 4], np.float32))
    x, y = doubled.point(*np.array([1, 2], np.float32))
    assert {type(value) for value in (box.x, box.y, box.width, box.height, x, y)} == {int}


@given(st.lists(st.floats(-500, 500), min_size=4, max_size=4))
def test_every_box_lies_inside_the_photo(corners: list[float]) -> None:
    left, right = sorted(corners[:2])
    top, bottom = sorted(corners[2:])
    box = scaling((317, 211), (100, 67)).box(left, top, right, bottom)
    assert 0 <= box.x <= box.right <= 317
    assert 0 <= box.y <= box.bottom <= 211

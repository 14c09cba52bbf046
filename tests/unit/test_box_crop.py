"""A face is cut as a square with the margin of its network's card, reflected at the border;
over-sampling looks at it ten times: four corners, the centre, and their mirrors.
"""

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.samples import grace_hopper
from webapp.vision.estimators.adience import Preparation, mean_of_views, ten_views
from webapp.vision.estimators.box_crop import BoxCrop
from webapp.vision.photo import Photo
from webapp.vision.types import Box


def test_the_square_is_centred_and_has_the_margin_on_every_edge() -> None:
    left, top, side = BoxCrop(size=10, margin=0.25).square(Box(100, 50, 60, 80))
    assert side == 1.5 * 80
    assert (left, top) == (100 + 30 - 60, 50 + 40 - 60)


def test_a_square_of_the_networks_size_is_cut_as_it_is() -> None:
    pixels = grace_hopper()
    crop = BoxCrop(size=120, margin=0.25).cut(Photo.of(pixels), Box(200, 150, 60, 80))
    assert np.array_equal(crop, pixels[130:250, 170:290])


def test_beyond_the_border_the_photo_is_reflected() -> None:
    pixels = grace_hopper()
    crop = BoxCrop(size=120, margin=0.25).cut(Photo.of(pixels), Box(0, 0, 80, 80))
    expected = cv2.copyMakeBorder(pixels[:100, :100], 20, 0, 20, 0, cv2.BORDER_REFLECT_101)
    assert np.array_equal(crop, expected)


def test_a_bright_photo_has_no_dark_border() -> None:
    bright = np.full((50, 40, 3), 200, np.uint8)
    crop = BoxCrop(size=32, margin=1.0).cut(Photo.of(bright), Box(0, 0, 40, 50))
    assert crop.min() == 200


def test_shrinking_averages() -> None:
    """A fine checkerboard becomes grey, not a pattern that was never there."""
    board = (np.indices((300, 300)).sum(axis=0) % 2 * 255).astype(np.uint8)
    pixels = np.repeat(board[:, :, np.newaxis], 3, axis=2)
    crop = BoxCrop(size=100, margin=0).cut(Photo.of(pixels), Box(0, 0, 300, 300))
    assert np.abs(crop.astype(int) - 127).max() <= 30


@settings(max_examples=50)
@given(
    st.integers(0, 59), st.integers(0, 39), st.integers(0, 60), st.integers(0, 40), st.floats(0, 3)
)
@example(0, 0, 0, 0, 1e-9)  # a square that lies wholly outside after rounding
def test_every_box_in_a_photo_gives_a_whole_crop(
    x: int, y: int, width: int, height: int, margin: float
) -> None:
    photo = Photo.of(np.full((40, 60, 3), 90, np.uint8))
    box = Box(x, y, width, height).clipped(60, 40)
    crop = BoxCrop(size=16, margin=margin).cut(photo, box)
    assert crop.shape == (16, 16, 3)
    assert crop.dtype == np.uint8
    assert crop.min() == crop.max() == 90


@pytest.mark.parametrize(
    "box", [Box(0, 4, 0, 1), Box(60, 4, 0, 1), Box(9, 0, 1, 0), Box(9, 40, 1, 0)]
)
def test_an_empty_box_at_the_border_gives_the_pixel_there(box: Box) -> None:
    photo = Photo.of(np.full((40, 60, 3), 90, np.uint8))
    assert (BoxCrop(size=16, margin=0).cut(photo, box) == 90).all()


@pytest.mark.parametrize("size", [1, 7])
def test_a_one_pixel_photo_can_be_cut(size: int) -> None:
    crop = BoxCrop(size=size, margin=0.5).cut(
        Photo.of(np.zeros((1, 1, 3), np.uint8)), Box(0, 0, 1, 1)
    )
    assert crop.shape == (size, size, 3)


def test_the_ten_views_are_corners_centre_and_mirrors() -> None:
    frame = np.arange(36).reshape(1, 6, 6, 1)
    views = ten_views(frame, 4)[..., 0]
    assert views.shape == (10, 4, 4)
    assert [int(view[0, 0]) for view in views[:5]] == [0, 2, 12, 14, 7]
    assert np.array_equal(views[5:], views[:5, :, ::-1])


def test_views_of_one_frame_stay_together_up_to_their_mean() -> None:
    frames = np.stack([np.zeros((6, 6, 3)), np.ones((6, 6, 3))])
    views = ten_views(frames, 5)
    assert views[:10].max() == 0
    assert views[10:].min() == 1
    first, second = np.full((10, 2), 0.25, np.float32), np.full((10, 2), 0.75, np.float32)
    means = mean_of_views(np.concatenate([first, second]))
    assert means.tolist() == [[0.25, 0.25], [0.75, 0.75]]


def test_the_centre_view_is_the_crop_without_over_sampling() -> None:
    """The face is as large in it, and within a pixel at the same place."""
    photo = Photo.of(np.random.default_rng(0).integers(0, 255, (900, 900, 3)).astype(np.uint8))
    plain = Preparation(size=227, mean=(0, 0, 0), margin=0.1).crop
    wide = Preparation(size=227, mean=(0, 0, 0), margin=0.1, oversample=True).crop
    box = Box(300, 300, 200, 250)
    left, top, side = plain.square(box)
    frame_left, frame_top, frame_side = wide.square(box)
    scale = frame_side / 256
    assert abs(frame_left + 14.5 * scale - left) < scale
    assert abs(frame_top + 14.5 * scale - top) < scale
    assert abs(227 * scale - side) < scale
    assert wide.cut(photo, box).shape == (256, 256, 3)

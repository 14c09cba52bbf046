"""Over-sampling looks at a face ten times: four corners, the centre, and their mirrors."""

import numpy as np

from webapp.vision.estimators.adience import Preparation, mean_of_views, ten_views
from webapp.vision.photo import Photo
from webapp.vision.types import Box


def test_the_ten_views_are_corners_centre_and_mirrors() -> None:
    frame = np.arange(36).reshape(1, 6, 6, 1)
    views = ten_views(frame, 4)[..., 0]
    assert views.shape == (10, 4, 4)
    assert [int(view[0, 0]) for view in views[:5]] == [0, 2, 12, 14, 7]
    assert np.array_equal(views[5:], views[:5, :, ::-1])


def test_views_of_one_frame_stay_together() -> None:
    frames = np.stack([np.zeros((6, 6, 3)), np.ones((6, 6, 3))])
    views = ten_views(frames, 5)
    assert views[:10].max() == 0
    assert views[10:].min() == 1


def test_the_mean_is_taken_over_a_frames_own_views() -> None:
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

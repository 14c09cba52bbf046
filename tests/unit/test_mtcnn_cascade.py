"""What the cascade cuts from a picture for its networks."""

import numpy as np

from webapp.vision.detectors.mtcnn_cascade import patches
from webapp.vision.types import Floats


def picture(height: int, width: int) -> Floats:
    values = np.random.default_rng(5).uniform(0, 255, (height, width, 3))
    return values.astype(np.float32)


def test_a_patch_of_the_whole_grid_is_the_grid() -> None:
    whole = picture(24, 24)
    (patch,) = patches(whole, np.array([[0, 0, 24, 24]], np.float32), 24)
    np.testing.assert_allclose(patch, whole, atol=1e-3)


def test_patches_sample_a_slope_where_they_should() -> None:
    """The box (10, 20, 34, 44) of a 96×48 picture, corner to corner."""
    slope = np.zeros((48, 96, 3), np.float32)
    slope[..., 0] = np.arange(96)
    slope[..., 1] = np.arange(48)[:, np.newaxis]
    (patch,) = patches(slope, np.array([[10, 20, 34, 44]], np.float32), 24)
    across, down = np.linspace(10, 34, 24) * 95 / 96, np.linspace(20, 44, 24) * 47 / 48
    np.testing.assert_allclose(patch[..., 0], np.tile(across, (24, 1)), atol=1 / 32)
    np.testing.assert_allclose(patch[..., 1], np.tile(down, (24, 1)).T, atol=1 / 32)


def test_patches_are_grey_outside_the_picture() -> None:
    left_of_it = np.array([[-100, 0, -50, 30]], np.float32)
    (patch,) = patches(np.zeros((30, 30, 3), np.float32), left_of_it, 24)
    assert np.all(patch == 127.5)


def test_no_boxes_no_patches() -> None:
    assert patches(picture(30, 30), np.empty((0, 4), np.float32), 48).shape == (0, 48, 48, 3)

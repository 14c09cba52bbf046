"""Geometry of many boxes at once does what the same geometry does one box at a time; what the
cascade cuts from a picture at such boxes.
"""

import numpy as np
import pytest

from webapp.vision.detectors import boxes as module
from webapp.vision.detectors.boxes import Overlap, not_suppressed, shifted, squared
from webapp.vision.detectors.mtcnn_cascade import patches
from webapp.vision.types import Floats


def boxes(*rows: tuple[float, float, float, float]) -> Floats:
    return np.array(rows, np.float32).reshape(-1, 4)


def random_boxes(count: int) -> tuple[Floats, Floats]:
    random = np.random.default_rng(7)
    corners = random.uniform(0, 100, (count, 2))
    sizes = random.uniform(5, 60, (count, 2))
    rows = np.concatenate([corners, corners + sizes], axis=1).astype(np.float32)
    return rows, (random.permutation(count) / count).astype(np.float32)


def overlap_of_two(a: Floats, b: Floats, overlap: Overlap) -> float:
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    areas = [(c[2] - c[0]) * (c[3] - c[1]) for c in (a, b)]
    whole = sum(areas) - width * height if overlap == "union" else min(areas)
    return float(width * height / whole)


def test_squares_keep_the_centre_and_cover_the_box() -> None:
    square = squared(boxes((10, 20, 30, 80), (0, 0, 8, 4)))
    assert square.tolist() == [[-10, 20, 50, 80], [0, -2, 8, 6]]


def test_offsets_are_in_units_of_the_box_counted_in_whole_pixels() -> None:
    moved = shifted(boxes((0, 0, 9, 19)), boxes((0.1, -0.1, 0, 0.5)))
    np.testing.assert_allclose(moved, [[1, -2, 9, 29]], rtol=1e-6)


@pytest.mark.parametrize("overlap", ["union", "smaller"])
@pytest.mark.parametrize("pairs_at_once", [1, 500, 1_000_000])
def test_a_box_falls_to_every_better_box_that_overlaps_it(
    overlap: Overlap, pairs_at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And does so whatever the size of the blocks in which the pairs are compared."""
    monkeypatch.setattr(module, "PAIRS_AT_ONCE", pairs_at_once)
    rows, scores = random_boxes(60)
    order = np.argsort(-scores)
    expected = [
        box
        for place, box in enumerate(order)
        if all(overlap_of_two(rows[box], rows[b], overlap) <= 0.4 for b in order[:place])
    ]
    assert 1 < len(expected) < 60
    assert not_suppressed(rows, scores, 0.4, overlap).tolist() == expected


def test_one_box_inside_another_is_suppressed_only_by_the_smaller_area() -> None:
    nested, scores = boxes((0, 0, 100, 100), (40, 40, 60, 60)), np.array([0.9, 0.8], np.float32)
    assert not_suppressed(nested, scores, 0.5).tolist() == [0, 1]
    assert not_suppressed(nested, scores, 0.5, "smaller").tolist() == [0]


def test_no_boxes_and_empty_boxes_are_no_trouble() -> None:
    assert not_suppressed(boxes(), np.empty(0, np.float32), 0.5).tolist() == []
    empty = boxes((5, 5, 5, 5), (5, 5, 5, 5))
    assert not_suppressed(empty, np.array([1, 0.5], np.float32), 0.5).tolist() == [0, 1]
    assert squared(boxes()).shape == (0, 4)


def picture(height: int, width: int) -> Floats:
    return np.random.default_rng(5).uniform(0, 255, (height, width, 3)).astype(np.float32)


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


def test_patches_are_grey_outside_the_picture_and_none_where_no_box_is() -> None:
    left_of_it = np.array([[-100, 0, -50, 30]], np.float32)
    (patch,) = patches(np.zeros((30, 30, 3), np.float32), left_of_it, 24)
    assert np.all(patch == 127.5)
    assert patches(picture(30, 30), np.empty((0, 4), np.float32), 48).shape == (0, 48, 48, 3)

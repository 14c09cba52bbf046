"""The pyramid has the package's levels, and every pixel is a mean."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from webapp.vision.detectors.pyramid import Pyramid, pyramid_scales
from webapp.vision.types import Floats


def picture(height: int, width: int) -> Floats:
    values = np.random.default_rng(5).uniform(0, 255, (height, width, 3))
    return values.astype(np.float32)


def test_the_pyramid_begins_with_the_first_level_whose_faces_are_large_enough() -> None:
    scales = list(pyramid_scales(picture(100, 200), 28))
    assert scales[0] == pytest.approx(12 / 20 * 0.709)
    assert list(pyramid_scales(picture(100, 200), 20))[1:] == scales


def test_the_pyramid_ends_before_a_window_no_longer_fits() -> None:
    scales = list(pyramid_scales(picture(100, 200), 20))
    assert 100 * scales[-1] >= 12 > 100 * scales[-1] * 0.709
    assert list(pyramid_scales(picture(11, 2000), 12)) == []


def test_a_level_has_the_mean_of_the_area_that_each_pixel_covers() -> None:
    whole = picture(8, 12)
    blocks = whole.reshape(4, 2, 6, 2, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(Pyramid(whole).level(0.5), blocks, rtol=1e-5)


def overlaps(pixels: int, parts: int) -> npt.NDArray[np.float64]:
    """How much of each part, shape (parts, pixels), every pixel of a line covers."""
    edges = np.linspace(0, pixels, parts + 1)[:, np.newaxis]
    starts, ends = np.arange(pixels), np.arange(1, pixels + 1)
    shared = np.minimum(ends, edges[1:]) - np.maximum(starts, edges[:-1])
    return shared.clip(0) * parts / pixels


@pytest.mark.parametrize("scale", [0.6, 0.4254, 0.2, 0.0383])
@pytest.mark.parametrize("bright", [0, 200])
def test_pixels_at_an_edge_count_for_the_part_that_is_covered(scale: float, bright: int) -> None:
    """In a tall picture, too, whose sums grow large."""
    whole = (picture(2011, 317) + bright).clip(0, 255)
    down, across = overlaps(2011, int(2011 * scale)), overlaps(317, int(317 * scale))
    expected = np.einsum("hi,ijc,wj->hwc", down, whole, across, optimize=True)
    np.testing.assert_allclose(Pyramid(whole).level(scale), expected, atol=0.15)

"""Variations of a face are faces of the same size, and the same for the same seed."""

import numpy as np
import pytest

from tests.samples import astronaut
from webapp.training.augmentation import CHANGES, COVERS, Change, augmented, centre_crop
from webapp.vision.types import Pixels

SIDE = 80


@pytest.fixture
def kept() -> Pixels:
    return np.ascontiguousarray(astronaut()[60:156, 170:266])


def test_the_centre_is_the_canonical_crop(kept: Pixels) -> None:
    np.testing.assert_array_equal(centre_crop(kept, SIDE), kept[8:88, 8:88])


def test_variations_have_the_crops_size_and_repeat_with_the_seed(kept: Pixels) -> None:
    before = kept.copy()
    for seed in range(40):
        one = augmented(kept, SIDE, np.random.default_rng(seed))
        assert one.shape == (SIDE, SIDE, 3)
        assert one.dtype == np.uint8
        np.testing.assert_array_equal(one, augmented(kept, SIDE, np.random.default_rng(seed)))
    np.testing.assert_array_equal(kept, before)


def test_variations_still_show_the_face(kept: Pixels) -> None:
    """On the average they are the crop itself, or its mirror image."""
    mean = np.mean([augmented(kept, SIDE, np.random.default_rng(s)) for s in range(200)], axis=0)
    crop = centre_crop(kept, SIDE).astype(float)
    both = (crop + crop[:, ::-1]) / 2
    assert np.corrcoef(mean.ravel(), both.ravel())[0, 1] > 0.9


@pytest.mark.parametrize("change", [change for _, change in CHANGES] + list(COVERS[:3]))
def test_each_change_changes_something_and_keeps_the_shape(kept: Pixels, change: Change) -> None:
    changed = change(kept.copy(), np.random.default_rng(1))
    assert changed.shape == kept.shape
    assert changed.dtype == np.uint8
    assert (changed != kept).any()

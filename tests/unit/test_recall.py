"""Recall and precision are counted on labelled faces as the tables say."""

from pathlib import Path

import numpy as np
import pytest

from webapp.evaluation.labels import InvalidLabels
from webapp.evaluation.recall import (
    SCENARIOS,
    DetectorScore,
    LabelledFace,
    match,
    read_boxes,
    recall_tables,
    score_photo,
)
from webapp.vision.detectors.base import DetectionOptions
from webapp.vision.photo import Photo
from webapp.vision.types import Box, Detection

SMALL, MIDDLE, LARGE = Box(0, 0, 16, 24), Box(100, 0, 40, 50), Box(200, 0, 80, 100)


class FakeDetector:
    name = "fake"

    def __init__(self, *boxes: Box) -> None:
        self._boxes = boxes

    def detect(self, _photo: Photo, _options: DetectionOptions) -> list[Detection]:
        return [Detection(box, 1.0) for box in self._boxes]


def score(labelled: list[LabelledFace], *found: Box) -> DetectorScore:
    result = DetectorScore("fake")
    photo = Photo.of(np.zeros((200, 400, 3), np.uint8))
    score_photo(result, FakeDetector(*found), photo, labelled, DetectionOptions())
    return result


def test_recall_is_the_share_found_of_the_faces_asked_for() -> None:
    result = score([LabelledFace(box) for box in (SMALL, MIDDLE, LARGE)], MIDDLE, LARGE)
    assert result.recall(lambda _: True) == pytest.approx(2 / 3)
    assert result.recall(lambda one: one.face.box.height >= 40) == 1.0
    assert result.recall(lambda one: one.face.box.height >= 400) is None


def test_precision_is_the_share_of_detections_that_are_faces() -> None:
    result = score([LabelledFace(MIDDLE)], MIDDLE, Box(300, 100, 50, 50))
    assert result.precision == 0.5


def test_a_face_too_poor_to_ask_for_is_neither_missed_nor_a_mistake() -> None:
    poor = LabelledFace(LARGE, invalid=True)
    assert score([poor]).recall(lambda _: True) is None
    assert score([poor], LARGE).precision == 1.0


def test_a_detection_counts_once_and_goes_to_the_face_it_fits_best() -> None:
    shifted = Box(108, 0, 40, 50)
    pairs = list(match([shifted, MIDDLE], [Detection(MIDDLE, 1.0)]))
    assert pairs == [(1, 0)]
    assert list(match([MIDDLE], [Detection(MIDDLE, 1.0), Detection(shifted, 1.0)])) == [(0, 0)]


@pytest.mark.parametrize(
    ("face", "company", "scenario"),
    [
        (LabelledFace(LARGE, occlusion=0, pose=0), 1, "one person"),
        (LabelledFace(LARGE, occlusion=0, pose=0), 2, "several people"),
        (LabelledFace(LARGE, occlusion=0, pose=1), 2, "looking away"),
        (LabelledFace(LARGE, occlusion=2, pose=0), 2, "partly hidden"),
    ],
)
def test_the_articles_scenarios_are_told_by_the_labels(
    face: LabelledFace, company: int, scenario: str
) -> None:
    others = [LabelledFace(MIDDLE, occlusion=0, pose=0)] * (company - 1)
    (first, *_) = score([face, *others]).faces
    assert [name for name, asked in SCENARIOS.items() if asked(first)] == [scenario]


def test_the_tables_have_a_line_a_detector_and_a_line_a_scenario() -> None:
    lines = recall_tables([score([LabelledFace(LARGE)], LARGE)]).splitlines()
    assert lines[2].startswith("| fake | 1.000 | 1.000 | 1.000 | 1.000 | ")
    assert "| one person | 1 | 1.000 |" in lines
    assert "| looking away | 0 | – |" in lines


def test_boxes_are_read_with_and_without_attributes(tmp_path: Path) -> None:
    path = tmp_path / "boxes.csv"
    path.write_text("path,x,y,w,h,invalid,occlusion,pose\na.jpg,1,2,3,4,0,2,\na.jpg,5,6,7,8,1,,1\n")
    assert read_boxes(path) == {
        "a.jpg": [
            LabelledFace(Box(1, 2, 3, 4), False, 2, None),
            LabelledFace(Box(5, 6, 7, 8), True, None, 1),
        ]
    }
    path.write_text("path,x,y,w,h\na.jpg,1,2,3,4\nnobody.jpg,,,,\n")
    assert read_boxes(path) == {"a.jpg": [LabelledFace(Box(1, 2, 3, 4))], "nobody.jpg": []}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("path,x,y\na.jpg,1,2\n", "no column h, w"),
        ("path,x,y,w,h\na.jpg,1,2,3,4\na.jpg,1,two,3,4\n", "line 3"),
    ],
)
def test_a_file_that_cannot_be_understood_is_a_sentence(
    tmp_path: Path, text: str, words: str
) -> None:
    path = tmp_path / "boxes.csv"
    path.write_text(text)
    with pytest.raises(InvalidLabels, match=words):
        read_boxes(path)

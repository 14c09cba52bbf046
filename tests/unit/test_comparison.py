"""Several detectors on one photo: who found which face, as a table, as JSON and as one picture."""

import numpy as np

from tests.web.fakes import card
from webapp.results.comparison import Comparison, Contender, compare
from webapp.results.comparison_picture import ONLY_HERE, comparison_picture, heading, panels
from webapp.results.schema import comparison_document
from webapp.vision.buckets import BUCKETS
from webapp.vision.detectors.base import DetectionOptions, DetectionSettings
from webapp.vision.loaders import Loaders
from webapp.vision.models import Defaults, ModelRegistry
from webapp.vision.photo import Photo
from webapp.vision.types import AgeEstimate, Box, Detection, Estimate, GenderEstimate, Pixels

CHILD, MAN = Box(40, 40, 60, 80), Box(200, 60, 80, 100)
NEARLY_CHILD = Box(44, 48, 60, 76)
WALL = Box(320, 200, 50, 50)


class FakeDetector:
    settings = DetectionSettings()

    def __init__(self, name: str, *boxes: Box) -> None:
        self.name = name
        self._boxes = boxes

    def detect(self, _photo: Photo, _options: DetectionOptions) -> list[Detection]:
        return [Detection(box, 0.9) for box in self._boxes]


class FakeEstimator:
    name = "fake"

    def crops(self, _photo: Photo, faces: object) -> list[Pixels]:
        return [np.zeros((4, 4, 3), np.uint8) for _ in faces]  # type: ignore[attr-defined]

    def estimate(self, crops: object) -> list[Estimate]:
        age = AgeEstimate(dict.fromkeys(BUCKETS, 0.0) | {"4-6": 1.0})
        return [Estimate(age, GenderEstimate(0.8)) for _ in crops]  # type: ignore[attr-defined]


def photo() -> Photo:
    return Photo.of(np.full((300, 400, 3), 128, np.uint8))


def comparison(*detectors: FakeDetector) -> Comparison:
    known = {one.name: one for one in detectors}
    loaders = Loaders(
        {name: lambda card, _: known[card.name] for name in known},
        {"fake": lambda _card, _files: FakeEstimator()},
    )
    cards = {name: card(name, "detector") for name in known} | {"fake": card("fake")}
    registry = ModelRegistry(cards, (), Defaults(detectors[0].name, "fake"), loaders)
    return compare(photo(), registry, [Contender(one.name, "fake") for one in detectors])


def both() -> Comparison:
    return comparison(FakeDetector("mtcnn", MAN, CHILD), FakeDetector("haar", NEARLY_CHILD, WALL))


def test_boxes_that_overlap_enough_are_one_face() -> None:
    found = [tuple(answer is not None for answer in face.answers) for face in both().faces]
    assert found == [(True, False), (True, True), (False, True)]


def test_what_only_one_detector_found_is_told() -> None:
    result = both()
    assert [face.box for face in result.only_found_by("mtcnn")] == [MAN]
    assert [face.box for face in result.only_found_by("haar")] == [WALL]
    assert heading(result.analyses[0], result).startswith(
        "mtcnn · fake · 2 faces, 1 found by no other · "
    )


def test_one_detector_alone_has_nothing_to_itself() -> None:
    assert comparison(FakeDetector("mtcnn", MAN)).only_found_by("mtcnn") == []


def test_two_faces_of_one_detector_are_never_one() -> None:
    """Even where both overlap the same face of the other."""
    result = comparison(FakeDetector("mtcnn", CHILD), FakeDetector("haar", CHILD, NEARLY_CHILD))
    assert len(result.faces) == 2


def test_json_points_into_each_detectors_own_result() -> None:
    document = comparison_document("a.jpg", both())
    assert [one["detector"] for one in document["analyses"]] == ["mtcnn", "haar"]
    assert document["faces"] == [[0, None], [1, 0], [None, 1]]


def test_the_picture_shows_a_panel_a_detector_and_frames_what_only_one_found() -> None:
    picture = comparison_picture(panels(photo(), both()))
    assert picture.shape[1] > 2 * 400
    orange = (picture == ONLY_HERE).all(axis=2)
    left, right = orange[:, : picture.shape[1] // 2], orange[:, picture.shape[1] // 2 :]
    assert left.any()
    assert right.any()


def test_no_faces_at_all_can_be_compared() -> None:
    result = comparison(FakeDetector("mtcnn"), FakeDetector("haar"))
    assert result.faces == ()
    assert comparison_picture(panels(photo(), result)).any()

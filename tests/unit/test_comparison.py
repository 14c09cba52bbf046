"""Several detectors on one photo: who found which face, as a table, as JSON and as one picture."""

import numpy as np

from tests.web.fakes import FakeDetector, registry_of
from webapp.results.comparison import Comparison, Contender, compare
from webapp.results.comparison_picture import ONLY_HERE, comparison_picture, heading, panels
from webapp.results.schema import comparison_document
from webapp.vision.photo import Photo
from webapp.vision.types import Box

CHILD, NEARLY_CHILD = (0.125, 0.125, 0.125, 0.25), (0.140625, 0.15625, 0.125, 0.25)
MAN, WALL = (0.5, 0.25, 0.25, 0.5), (0.8125, 0.75, 0.125, 0.1875)
PHOTO = Photo.of(np.full((256, 512, 3), 128, np.uint8))


def comparison(*detectors: FakeDetector) -> Comparison:
    registry = registry_of(*detectors, models=["fake"])
    return compare(PHOTO, registry, [Contender(one.name, "fake") for one in detectors])


def both() -> Comparison:
    haar = FakeDetector("haar", [NEARLY_CHILD, WALL])
    return comparison(FakeDetector("mtcnn", [MAN, CHILD]), haar)


def test_boxes_that_overlap_enough_are_one_face() -> None:
    found = [tuple(answer is not None for answer in face.answers) for face in both().faces]
    assert found == [(True, False), (True, True), (False, True)]


def test_what_only_one_detector_found_is_told() -> None:
    result = both()
    assert [face.box for face in result.only_found_by("mtcnn")] == [Box(256, 64, 128, 128)]
    assert [face.box for face in result.only_found_by("haar")] == [Box(416, 192, 64, 48)]
    assert heading(result.analyses[0], result).startswith(
        "mtcnn · fake · 2 faces, 1 found by no other · "
    )


def test_one_detector_alone_has_nothing_to_itself() -> None:
    assert comparison(FakeDetector("mtcnn", [MAN])).only_found_by("mtcnn") == []


def test_two_faces_of_one_detector_are_never_one() -> None:
    """Even where both overlap the same face of the other."""
    haar = FakeDetector("haar", [CHILD, NEARLY_CHILD])
    result = comparison(FakeDetector("mtcnn", [CHILD]), haar)
    assert len(result.faces) == 2


def test_json_points_into_each_detectors_own_result() -> None:
    document = comparison_document("a.jpg", both())
    assert [one["detector"] for one in document["analyses"]] == ["mtcnn", "haar"]
    assert document["faces"] == [[0, None], [1, 0], [None, 1]]


def test_the_picture_shows_a_panel_a_detector_and_frames_what_only_one_found() -> None:
    picture = comparison_picture(panels(PHOTO, both()))
    assert picture.shape[1] > 2 * 512
    orange = (picture == ONLY_HERE).all(axis=2)
    left, right = orange[:, : picture.shape[1] // 2], orange[:, picture.shape[1] // 2 :]
    assert left.any()
    assert right.any()


def test_no_faces_at_all_can_be_compared() -> None:
    result = comparison(FakeDetector("mtcnn"), FakeDetector("haar"))
    assert result.faces == ()
    assert comparison_picture(panels(PHOTO, result)).any()

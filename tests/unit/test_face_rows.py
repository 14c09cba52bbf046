"""Labels in the photo: as many as fit without covering a face or one another."""

from itertools import combinations

import pytest

from tests.samples import group
from tests.web.fakes import FakeDetector, registry_of
from webapp.vision.detectors.base import DetectionOptions
from webapp.vision.photo import Photo
from webapp.vision.types import Box
from webapp.web.face_rows import FaceRow, face_rows


def rows_of(columns: int, rows: int, size: float) -> list[FaceRow]:
    """A grid of faces, each taking a share of its place."""
    shares = tuple(
        ((column + 0.2) / columns, (row + 0.2) / rows, size / columns, size / rows)
        for row in range(rows)
        for column in range(columns)
    )
    analyzer = registry_of(FakeDetector("mtcnn", shares)).analyzer()
    return face_rows(analyzer.analyze(Photo.of(group()), DetectionOptions(maximum_faces=200)))


@pytest.mark.parametrize(
    ("columns", "rows", "size"), [(1, 1, 0.4), (2, 2, 0.5), (4, 8, 0.5), (10, 10, 0.6), (3, 3, 1)]
)
def test_labels_that_fit_cover_no_face_no_badge_and_no_label(
    columns: int, rows: int, size: float
) -> None:
    shown = rows_of(columns, rows, size)
    fitting = [row for row in shown if row.label.fits]
    for row in fitting:
        place = row.label.place
        assert place == place.clipped(1024, 1024)
        assert not any(place.intersection(other.face.box) for other in shown)
        assert not any(place.intersection(other.badge) for other in shown if other is not row)
    for one, other in combinations(fitting, 2):
        assert not one.label.place.intersection(other.label.place)


@pytest.mark.parametrize(("columns", "rows", "least"), [(1, 1, 1), (2, 2, 4), (4, 4, 16)])
def test_where_there_is_room_every_label_fits(columns: int, rows: int, least: int) -> None:
    assert sum(row.label.fits for row in rows_of(columns, rows, 0.4)) >= least


def test_a_face_that_fills_the_photo_has_its_label_on_demand() -> None:
    [row] = rows_of(1, 1, 1.5)
    assert row.face.box.area > 0.5 * 1024 * 1024
    [whole] = rows_of(1, 1, 1)
    assert whole.label.place.clipped(1024, 1024) == whole.label.place
    assert isinstance(row.label.place, Box)


def test_a_label_says_number_age_and_gender_and_marks_doubt() -> None:
    first, second, *_ = rows_of(2, 2, 0.4)
    assert first.label.text == "1 · 25-32 male"
    assert second.label.text == "2 · 25-32? female"

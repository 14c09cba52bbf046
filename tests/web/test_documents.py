"""JSON, CSV and the stored record say exactly what the analysis says."""

import csv
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.results.columns import csv_lines
from webapp.results.comparison import ComparedFace, Comparison
from webapp.results.schema import (
    Choices,
    ComparisonRecord,
    Record,
    analysis_document,
    failure_document,
)
from webapp.vision.buckets import BUCKETS
from webapp.vision.types import AgeEstimate, Analysis, Box, Face, GenderEstimate, Landmarks

probabilities = st.floats(0, 1)
pixels = st.integers(0, 50_000)
points = st.tuples(pixels, pixels)
faces = st.builds(
    Face,
    box=st.builds(Box, pixels, pixels, pixels, pixels),
    detection_confidence=st.none() | probabilities,
    landmarks=st.none() | st.builds(Landmarks, points, points, points, points, points),
    age=st.builds(
        AgeEstimate,
        distribution=st.fixed_dictionaries(dict.fromkeys(BUCKETS, probabilities)),
        years=st.none() | st.floats(0, 100),
        by_year=st.none() | st.lists(probabilities, max_size=3).map(tuple),
    ),
    gender=st.builds(GenderEstimate, female=probabilities),
)
analyses = st.builds(
    Analysis,
    width=pixels,
    height=pixels,
    detector=st.just("mtcnn"),
    model=st.just("cydral"),
    faces=st.lists(faces, max_size=3).map(tuple),
    timings_ms=st.just({"decode": 18.0, "detect": 61.2}),
)


names = st.none() | st.text(max_size=20)
choices = st.builds(Choices, names, names, st.none() | probabilities, st.integers(0, 3))
comparisons = st.builds(
    Comparison,
    analyses=st.lists(analyses, max_size=2).map(tuple),
    faces=st.lists(
        st.builds(ComparedFace, st.lists(st.none() | faces, max_size=2).map(tuple)), max_size=2
    ).map(tuple),
)


@given(analyses, choices, st.text())
def test_a_record_comes_back_exactly_as_it_was_stored(
    analysis: Analysis, chosen: Choices, name: str
) -> None:
    record = Record(name, chosen, analysis)
    assert Record.from_json(record.to_json()) == record


@given(comparisons, st.text())
def test_a_comparison_comes_back_exactly_as_it_was_stored(
    comparison: Comparison, name: str
) -> None:
    record = ComparisonRecord(name, comparison)
    assert ComparisonRecord.from_json(record.to_json()) == record


@given(analyses)
def test_the_json_has_every_face_and_its_own_label(analysis: Analysis) -> None:
    document = analysis_document("a.jpg", analysis)
    assert json.loads(json.dumps(document)) == document
    assert len(document["faces"]) == len(analysis.faces)
    for shown, face in zip(document["faces"], analysis.faces, strict=True):
        assert shown["age"]["bucket"] == face.age.bucket
        assert shown["gender"]["label"] == face.gender.label
        assert shown["box"]["x"] == face.box.x
        assert shown["age"]["confidence"] == round(face.age.confidence, 4)
        assert shown["age"]["years"] == (face.age.years and round(face.age.years, 1))


@given(analyses, st.text().filter(lambda name: "\0" not in name and "\r" not in name))
def test_every_csv_row_has_the_cells_of_the_header(analysis: Analysis, name: str) -> None:
    header, *rows = csv.reader(csv_lines([(name, analysis)]))
    assert len(rows) == len(analysis.faces)
    assert all(len(row) == len(header) for row in rows)


@pytest.fixture
def analysis() -> Analysis:
    face = Face(
        Box(0, 0, 1, 1), 1.0, None, AgeEstimate(dict.fromkeys(BUCKETS, 0.125)), GenderEstimate(0.5)
    )
    return Analysis(1, 1, "haar", "cydral", (face,))


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_no_name_is_a_formula(analysis: Analysis, name: str) -> None:
    _, row = csv.reader(csv_lines([(name, analysis)]))
    assert row[0] == f"'{name}"


@pytest.mark.parametrize("name", ["a;=1+1", "a;", ';"=1+1'])
def test_no_name_becomes_two_cells_where_a_semicolon_separates(
    analysis: Analysis, name: str
) -> None:
    _, row = csv.reader(csv_lines([(name, analysis)]), delimiter=";")
    assert row[0].startswith(name)
    assert len(row) == 1


def test_a_failure_has_the_code_and_the_sentence() -> None:
    assert failure_document("a.jpg", "unreadable_photo", "The file is empty.") == {
        "photo": "a.jpg",
        "error": {"code": "unreadable_photo", "message": "The file is empty."},
    }

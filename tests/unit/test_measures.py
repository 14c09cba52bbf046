"""Measures count what they say they count."""

import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from tests.samples import encoded, grace_hopper
from webapp.evaluation.accuracy import accuracy_table
from webapp.evaluation.answers import Answers, Judged
from webapp.evaluation.labels import Label, LabelledSet
from webapp.evaluation.measures import MEASURES, classes, confusion, figure, values
from webapp.evaluation.page import report_page
from webapp.evaluation.reliability import reliability
from webapp.evaluation.report import EvaluationSetup, Report, build_report, rival
from webapp.vision.buckets import BUCKETS, bucket_name
from webapp.vision.types import AgeEstimate, Estimate, GenderEstimate

ABOUT = EvaluationSetup("data", "mtcnn", "net", crops=False)


def said(years: float, female: float) -> Estimate:
    certain = {name: float(name == bucket_name(years)) for name in BUCKETS}
    around = (int(years) - 3, int(years) + 3)
    return Estimate(AgeEstimate(certain, years, around), GenderEstimate(female))


JUDGED = [
    Judged(Label("a", 30, 30, "female", "X"), said(28, 0.9), 30),
    Judged(Label("b", 40, 40, "male", "Y"), said(50, 0.2), 90),
    Judged(Label("c", 24, 24, "male"), said(20, 0.8), 200),
    Judged(Label("d", 3, 7, "female"), said(7.4, 0.6), 50),
    Judged(Label("e", 20, 36, "male"), said(4, 0.1), 50),
    Judged(Label("f", 50, 50, "male"), None, problem="no face found"),
]


def test_each_measure_counts_the_faces_that_it_applies_to() -> None:
    measured = values(Answers.of(JUDGED))
    nan = np.nan
    np.testing.assert_array_equal(measured["age_error"], [2, 10, 4, nan, nan])
    np.testing.assert_array_equal(measured["age_bias"], [-2, 10, -4, nan, nan])
    np.testing.assert_array_equal(measured["interval"], [1, 0, 0, nan, nan])
    # 24 lies in no bucket; 50 is one bucket from 40.
    np.testing.assert_array_equal(measured["bucket_exact"], [1, 0, nan, nan, nan])
    np.testing.assert_array_equal(measured["bucket_within_one"], [1, 1, nan, nan, nan])
    np.testing.assert_array_equal(measured["range_exact"], [nan, nan, nan, 1, 0])
    np.testing.assert_array_equal(measured["range_within_one"], [nan, nan, nan, 1, 1])
    np.testing.assert_array_equal(measured["gender"], [1, 1, 0, 1, 1])


def test_a_network_that_knows_only_buckets_is_measured_by_buckets() -> None:
    only_bucket = Estimate(AgeEstimate(said(30, 0.9).age.distribution), GenderEstimate(0.9))
    judged = [Judged(Label("a", 30, 30, "female"), only_bucket)]
    judged.append(Judged(Label("b", 20, 36, "male"), only_bucket))
    assert set(build_report(ABOUT, judged).overall) == {
        "bucket_exact", "bucket_within_one", "gender",
    }  # fmt: skip


def test_faces_are_told_apart_by_age_gender_group_and_size() -> None:
    ways = classes(Answers.of(JUDGED))
    assert ways["age"] == ["25-32", "38-43", "25-32", "3-7", "20-36"]
    assert ways["gender and group"][0] == "female, X"
    assert ways["group"][2] == "not given"
    assert ways["face size"][0] == "under 40 px"
    assert ways["face size"][2] == "160 px and more"


def test_the_interval_surrounds_the_mean_and_narrows_with_more_faces() -> None:
    few, many = figure(np.tile([0.0, 1.0], 10)), figure(np.tile([0.0, 1.0], 1000))
    assert few.low < few.value == 0.5 < few.high
    assert many.high - many.low < few.high - few.low
    assert (few.count, many.count) == (20, 2000)


def test_confusion_has_labels_as_rows() -> None:
    assert confusion([0, 0, 1], [0, 1, 1], 2) == [[1, 1], [0, 1]]


def test_calibration_error_is_the_gap_of_confidence_and_accuracy() -> None:
    right = np.array([True] * 8 + [False] * 2)
    assert reliability(np.full(10, 0.8), right).expected_error == pytest.approx(0)
    assert reliability(np.full(10, 1.0), right).expected_error == pytest.approx(0.2)


@pytest.fixture(scope="module")
def report() -> Report:
    return build_report(ABOUT, JUDGED)


def test_a_picture_without_a_face_is_counted_and_nothing_is_lost(report: Report) -> None:
    assert report.pictures == 6
    assert report.problems == {"no face found": 1}
    assert report.overall["gender"].count == 5
    assert sum(map(sum, report.gender_confusion)) == 5


def test_the_worst_mistakes_come_first(report: Report) -> None:
    assert [mistake.path for mistake in report.worst["age"]][:2] == ["e", "b"]
    assert [mistake.path for mistake in report.worst["gender"]] == ["c"]


def test_a_report_of_no_answer_at_all_is_a_report() -> None:
    report = build_report(ABOUT, JUDGED[-1:])
    assert report.overall == {}
    assert json.loads(json.dumps(report.as_json()))["problems"] == {"no face found": 1}


def test_classes_are_in_the_order_of_their_numbers(report: Report) -> None:
    assert list(report.by["age"]) == ["3-7", "20-36", "25-32", "38-43"]
    assert next(iter(report.by["face size"])) == "under 40 px"


def test_ranges_that_overlap_have_no_neighbours() -> None:
    labels = (Label("a", 40, 45, "male", origin="x"), Label("b", 43, 50, "male", origin="x"))
    tiled = (Label("c", 0, 2, "male", origin="y"), Label("d", 3, 7, "male", origin="y"))
    tiled += (Label("e", 8, 12, "male", origin="y"),)
    ages = (44, 44, 9, 9, 2)
    judged = [Judged(one, said(a, 0)) for one, a in zip(labels + tiled, ages, strict=True)]
    measured = values(Answers.of(judged))
    np.testing.assert_array_equal(measured["range_exact"], [1, 1, 0, 0, 0])
    np.testing.assert_array_equal(measured["range_within_one"], [np.nan, np.nan, 0, 1, 0])


def test_several_origins_are_reported_apart(report: Report) -> None:
    judged = [
        Judged(Label("a", 30, 30, "female", origin="x"), said(30, 0.9)),
        Judged(Label("b", 30, 30, "female", origin="y"), said(40, 0.9)),
    ]
    by_origin = build_report(ABOUT, judged).by["origin"]
    assert {name: figures["age_error"].value for name, figures in by_origin.items()} == {
        "x": 0, "y": 10,
    }  # fmt: skip
    assert "origin" not in report.by


def test_two_networks_are_compared_on_the_faces_that_both_answered_for() -> None:
    labels = [Label(str(age), age, age, "male") for age in range(20, 60)]
    ours = [Judged(label, said(label.youngest + 2, 0.1)) for label in labels]
    theirs = [Judged(label, said(label.youngest - 5, 0.1)) for label in labels]
    theirs[0] = Judged(labels[0], None, problem="no face found")
    found = rival("other", ours, theirs)
    difference = found.differences["age_error"]
    assert (difference.value, difference.low, difference.high, difference.count) == (-3, -3, -3, 39)
    assert found.differences["gender"].value == 0
    assert found.overall["age_error"].value == 5
    assert found.differences_by["age"]["25-32"]["age_bias"].value == 7
    json.dumps(build_report(ABOUT, ours, found).as_json())


def test_a_card_tells_each_set_apart_with_its_calibration() -> None:
    judged = [
        Judged(Label("a", 24, 24, "female", "X", origin="x"), said(24, 0.9), 30),
        Judged(Label("b", 60, 60, "male", "X", origin="x"), said(30, 0.1)),
        Judged(Label("c", 3, 7, "male", origin="y"), said(5, 0.9)),
    ]
    table = accuracy_table(Answers.of(judged))
    first, second = table["by_set"]["x"], table["by_set"]["y"]
    assert (first["faces"], second["faces"]) == (2, 1)
    # No bucket names 24, so only 60, which was said to be 30, counts there.
    assert first["bucket_calibration_error"] == 1
    assert first["bucket_of_any_age_calibration_error"] == 0.5
    assert "bucket_calibration_error" not in second
    assert second["gender_calibration_error"] == pytest.approx(0.9)
    assert table["by_group"]["male, X"]["age_bias"] == -30
    assert table["by_size"]["under 40 px"]["faces"] == 1
    assert table["overall"]["interval"] == 0.5


def test_the_page_draws_every_measure_and_loads_nothing(report: Report) -> None:
    portrait = encoded(grace_hopper())
    readers = {one.label.path: lambda: portrait for one in JUDGED}
    labelled = LabelledSet("<data>", tuple(one.label for one in JUDGED), readers)
    about = replace(report.about, data="<data>")
    page = report_page(replace(report, about=about), labelled)
    drawings = [ElementTree.fromstring(text) for text in re.findall(r"<svg.*?</svg>", page, re.S)]  # noqa: S314 # ours
    names = [drawing.attrib["aria-label"] for drawing in drawings]
    assert "gender right, by age" in names
    assert "Reliability of the gender" in names
    reliable = drawings[names.index("Reliability of the gender")]
    assert reliable.findtext("circle/title") == "said 60%, right 100%, 1 faces"
    [errors] = [d for d in drawings if d.attrib["aria-label"] == f"{MEASURES['age_error']}, by age"]
    widths = [float(bar.attrib["width"]) for bar in errors.iter("rect")]
    assert [bar.findtext("title")[:5] for bar in errors.iter("rect")] == ["3.000", "10.00"]
    assert max(widths) == pytest.approx(320)
    assert page.count('src="data:image/jpeg;base64,') >= 2
    assert "http" not in page.replace("http-equiv", "")
    assert "<data>" not in page


def test_half_a_year_is_no_per_cent() -> None:
    judged = [Judged(Label("a", 30, 30, "female"), said(30.5, 0.9), 30)]
    labelled = LabelledSet("data", (judged[0].label,), {"a": lambda: encoded(grace_hopper())})
    page = report_page(build_report(ABOUT, judged), labelled)
    [errors] = re.findall(
        r"<svg[^>]*error of the age in years, above 0.*?by age.*?</svg>", page, re.S
    )
    assert ">0.50<" in errors
    assert "%" not in errors

"""Ages become distributions, ranges become sets of years that are all right."""

import numpy as np
import pytest

from webapp.evaluation.labels import Label
from webapp.training.targets import WRONG_RANGES, YEARS, Targets, age_target, sigma


@pytest.mark.parametrize("age", [0, 1, 30, 99, 100])
def test_an_exact_age_is_a_distribution_with_its_peak_there(age: int) -> None:
    target = age_target(Label("", age, age, "male"))
    assert target.shape == (YEARS,)
    assert target.sum() == pytest.approx(1, abs=1e-5)
    assert int(target.argmax()) == age


def test_who_is_older_than_a_hundred_counts_as_a_hundred() -> None:
    assert int(age_target(Label("", 116, 116, "male")).argmax()) == 100


def test_a_childs_age_is_known_more_exactly() -> None:
    assert sigma(1) < sigma(20) < sigma(50) == sigma(90)


def test_every_year_of_a_range_is_right_and_far_ones_are_wrong() -> None:
    target = age_target(Label("", 20, 36, "female"))
    assert (target[20:37] == 1).all()
    assert target[19] == target[37] == pytest.approx(np.exp(-0.5))
    assert target[10] == pytest.approx(WRONG_RANGES)


def test_targets_of_several_faces() -> None:
    targets = Targets.of([Label("", 40, 40, "female"), Label("", 3, 7, "male")])
    assert targets.exact.tolist() == targets.soft.tolist() == [1, 0]
    assert targets.years.tolist() == [40, 5]
    assert targets.female == pytest.approx([0.99, 0.01])
    assert targets.rows(np.array([1])).years.tolist() == [5]


def test_a_teacher_says_where_in_its_range_an_age_lies_but_nothing_of_exact_ages() -> None:
    labels = [Label("", 40, 40, "female"), Label("", 20, 36, "male")]
    teacher = np.zeros((2, YEARS), np.float32)
    teacher[:, 34:39] = 0.2
    targets = Targets.of(labels, teacher)
    np.testing.assert_allclose(targets.age.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(targets.age[0], age_target(labels[0]))
    assert targets.age[1, 34:37].sum() > 0.6
    assert targets.age[1, :34].sum() == 0
    assert targets.soft.tolist() == [1, 1]

"""Ages become distributions, ranges become sets of years that are all right."""

from __future__ import annotations

import numpy as np
import pytest

from webapp.evaluation.labels import Label
from webapp.training.targets import YEARS, Targets, age_target, sigma


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
    assert target[10] < 1e-6


def test_targets_of_several_faces() -> None:
    targets = Targets.of([Label("", 40, 40, "female"), Label("", 3, 7, "male")])
    assert targets.exact.tolist() == [1, 0]
    assert targets.years.tolist() == [40, 5]
    assert targets.female == pytest.approx([0.99, 0.01])
    assert targets.rows(np.array([1])).years.tolist() == [5]

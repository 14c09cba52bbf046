"""Temperatures undo a network's overconfidence."""

import numpy as np
import pytest

from webapp.evaluation.labels import Label
from webapp.training.calibration import calibrate
from webapp.vision.buckets import intervals
from webapp.vision.estimators.agelens import Logits


def test_logits_that_are_twice_too_large_get_a_temperature_of_two() -> None:
    random = np.random.default_rng(0)
    honest = random.normal(0, 2, 4000)
    female = random.random(4000) < 1 / (1 + np.exp(-honest))
    labels = [Label("", 5, 5, "female" if is_female else "male") for is_female in female]
    ages = np.zeros((4000, 101))
    calibration = calibrate(Logits(ages, 2 * honest), labels)
    assert calibration.gender_temperature == pytest.approx(2, rel=0.1)


def test_the_years_get_about_the_temperature_that_they_need() -> None:
    random = np.random.default_rng(0)
    true = random.integers(20, 70, 4000)
    said = true + random.normal(0, 6, 4000)
    honest = -0.5 * ((np.arange(101) - said[:, None]) / 6) ** 2
    labels = [Label("", age, age, "male") for age in true.tolist()]
    calibration = calibrate(Logits(3 * honest, np.zeros(4000)), labels)
    assert calibration.age_temperature == pytest.approx(3, rel=0.15)
    assert calibration.interval_mass == pytest.approx(0.9, abs=0.05)


def test_intervals_hold_nine_in_ten_even_if_the_network_is_too_sure_of_some() -> None:
    ages = np.zeros((100, 101))
    ages[:, 29] = 10.0
    labels = [Label("", 29, 29, "male")] * 60 + [Label("", 70, 70, "male")] * 40
    logits = Logits(ages, np.zeros(100))
    calibration = calibrate(logits, labels)
    assert calibration.interval_mass is not None
    found = intervals(logits.years(calibration.age_temperature), calibration.interval_mass)
    right = [a <= label.youngest <= b for (a, b), label in zip(found, labels, strict=True)]
    assert np.mean(right) >= 0.9


def test_ranges_calibrate_as_well() -> None:
    ages = np.zeros((10, 101))
    ages[:, 5] = 1.0
    calibration = calibrate(Logits(ages, np.ones(10)), [Label("", 3, 7, "female")] * 10)
    assert calibration.age_temperature < 1
    assert calibration.gender_temperature < 1
    assert calibration.interval_mass is None


def test_the_temperature_lies_between_those_for_all_ages_and_for_those_that_buckets_name() -> None:
    random = np.random.default_rng(0)
    ages = -0.5 * ((np.arange(101) - random.normal(28.5, 1, (1000, 1))) / 4) ** 2
    logits = Logits(ages, np.zeros(1000))
    # 28 is always said right. At 24, between two buckets, the older one is right half the time.
    named = [Label("", 28, 28, "male")] * 500
    between = [Label("", 24, 24, "male")] * 200 + [Label("", 18, 18, "male")] * 300
    only_named, only_all, both = (
        calibrate(Logits(logits.age[: len(labels)], logits.gender[: len(labels)]), labels)
        for labels in (named, between, named + between)
    )
    assert only_named.age_temperature < both.age_temperature < only_all.age_temperature

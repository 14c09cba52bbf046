"""Temperatures undo a network's overconfidence."""

from __future__ import annotations

import numpy as np
import pytest

from webapp.evaluation.labels import Label
from webapp.training.calibration import calibrate
from webapp.vision.buckets import fold_years
from webapp.vision.estimators.agelens import Logits


def test_logits_that_are_twice_too_large_get_a_temperature_of_two() -> None:
    random = np.random.default_rng(0)
    honest = random.normal(0, 2, 4000)
    female = random.random(4000) < 1 / (1 + np.exp(-honest))
    labels = [Label("", 5, 5, "female" if is_female else "male") for is_female in female]
    ages = np.zeros((4000, 101))
    calibration = calibrate(Logits(ages, 2 * honest), labels)
    assert calibration.gender_temperature == pytest.approx(2, rel=0.1)


def test_an_age_network_that_is_right_in_six_of_ten_says_so() -> None:
    ages = np.zeros((100, 101))
    ages[:, 29] = 10.0
    labels = [Label("", 29, 29, "male")] * 60 + [Label("", 70, 70, "male")] * 40
    logits = Logits(ages, np.zeros(100))
    buckets = fold_years(logits.years(calibrate(logits, labels).age_temperature))
    assert buckets.max() == pytest.approx(0.6, abs=0.05)


def test_ranges_calibrate_as_well() -> None:
    ages = np.zeros((10, 101))
    ages[:, 5] = 1.0
    calibration = calibrate(Logits(ages, np.ones(10)), [Label("", 3, 7, "female")] * 10)
    assert calibration.age_temperature < 1
    assert calibration.gender_temperature < 1

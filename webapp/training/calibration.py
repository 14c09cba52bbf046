"""Temperatures that make a confidence of 80 % right 80 % of the time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from webapp.evaluation.labels import Label
from webapp.evaluation.reliability import reliability
from webapp.vision.buckets import bucket_index, fold_years, lies_in_bucket
from webapp.vision.estimators.agelens import Calibration, Logits

TEMPERATURES = np.exp(np.linspace(np.log(0.3), np.log(3.0), 93))
"""What is tried: from a third to three times, in steps of 2.5 %."""

TINY = 1e-12


def calibrate(logits: Logits, labels: Sequence[Label]) -> Calibration:
    """The temperatures (Guo et al. 2017, arXiv:1706.04599) for labels that are new to a network."""
    exact = np.array([label.exact for label in labels])
    if exact.any():
        chosen = Logits(logits.age[exact], logits.gender[exact])
        ages = np.array([label.youngest for label in labels])[exact]
        age = _best(lambda temperature: _bucket_error(chosen.years(temperature), ages))
    else:
        age = _best(lambda temperature: _range_loss(logits.years(temperature), labels))
    female = np.array([label.gender == "female" for label in labels])
    towards = np.where(female, logits.gender, -logits.gender)
    gender = _best(lambda temperature: float(np.logaddexp(0, -towards / temperature).mean()))
    return Calibration(age, gender)


def _best(loss: Callable[[float], float]) -> float:
    return round(float(min(TEMPERATURES, key=loss)), 4)


def _bucket_error(years: npt.NDArray[np.floating], ages: npt.NDArray[np.integer]) -> float:
    """The calibration error of the bucket, for exact ages: of all, plus twice that of the ages
    that the buckets name.

    Ages between two buckets are the hard ones, so one temperature cannot be right for both; bucket
    scores count the named ages only.
    """
    buckets = fold_years(years)
    right = buckets.argmax(axis=1) == np.array([bucket_index(age) for age in ages])
    confidence = buckets.max(axis=1)
    inside = np.array([lies_in_bucket(int(age)) for age in ages])
    everyone = reliability(confidence, right)
    named = reliability(confidence[inside], right[inside])
    return everyone.expected_error + 2 * named.expected_error


def _range_loss(years: npt.NDArray[np.floating], labels: Sequence[Label]) -> float:
    """The negative log-likelihood of ranges."""
    year = np.arange(years.shape[1])
    inside = np.stack([(year >= label.youngest) & (year <= label.oldest) for label in labels])
    return float(-np.log((years * inside).sum(axis=1) + TINY).mean())

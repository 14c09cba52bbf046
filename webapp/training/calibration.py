"""Temperatures that make a confidence of 80 % right 80 % of the time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from webapp.evaluation.labels import Label
from webapp.vision.buckets import bucket_index
from webapp.vision.estimators.agelens import Calibration, Logits

TEMPERATURES = np.exp(np.linspace(np.log(0.3), np.log(3.0), 93))
"""What is tried: from a third to three times, in steps of 2.5 %."""

TINY = 1e-12


def calibrate(logits: Logits, labels: Sequence[Label]) -> Calibration:
    """The temperatures under which labels that the network has not seen are most likely.

    For an age that is the probability of its bucket, or of its range where only that is known.
    Temperature scaling is Guo et al. 2017 (arXiv:1706.04599).
    """
    right_years = np.stack([_right_years(label, logits.age.shape[1]) for label in labels])
    female = np.array([label.gender == "female" for label in labels])

    def age_loss(temperature: float) -> float:
        probability = (logits.years(temperature) * right_years).sum(axis=1)
        return float(-np.log(probability + TINY).mean())

    def gender_loss(temperature: float) -> float:
        towards = np.where(female, logits.gender, -logits.gender)
        return float(np.logaddexp(0, -towards / temperature).mean())

    return Calibration(_best(age_loss), _best(gender_loss))


def _best(loss: Callable[[float], float]) -> float:
    return round(float(min(TEMPERATURES, key=loss)), 4)


def _right_years(label: Label, count: int) -> npt.NDArray[np.bool_]:
    years = np.arange(count)
    if not label.exact:
        return (years >= label.youngest) & (years <= label.oldest)
    buckets = np.array([bucket_index(year) for year in range(count)])
    return np.asarray(buckets == bucket_index(label.youngest))

"""Temperatures that make a confidence of 80 % right 80 % of the time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from webapp.evaluation.labels import Label
from webapp.training.targets import YEARS
from webapp.vision.buckets import bucket_index, intervals, lies_in_bucket
from webapp.vision.estimators.agelens import Calibration, Logits

TEMPERATURES = np.exp(np.linspace(np.log(0.3), np.log(3.0), 93))
"""The candidates: from a third to three, in steps of 2.5 %."""

MASSES = np.linspace(0.5, 0.99, 99).round(3)
COVERAGE = 0.9

TINY = 1e-12


def calibrate(logits: Logits, labels: Sequence[Label]) -> Calibration:
    """The temperatures (Guo et al. 2017, arXiv:1706.04599) for labels that are new to a network,
    and the mass of an interval of years that is right nine times in ten.
    """
    right = np.stack([_right_years(label) for label in labels])
    exact = np.array([label.exact for label in labels])
    named = exact & np.array([lies_in_bucket(label.youngest) for label in labels])
    # Ages that buckets name are easier than those between; the temperature lies between theirs.
    parts = [part for part in (exact, named) if part.any()] or [~exact]

    def age_loss(temperature: float) -> float:
        losses = -np.log((logits.years(temperature) * right).sum(axis=1) + TINY)
        return float(np.mean([losses[part].mean() for part in parts]))

    age = _best(age_loss)
    female = np.array([label.gender == "female" for label in labels])
    towards = np.where(female, logits.gender, -logits.gender)
    gender = _best(lambda t: float(np.logaddexp(0, -towards / t).mean()))
    return Calibration(age, gender, _interval_mass(logits.years(age), labels))


def _right_years(label: Label) -> npt.NDArray[np.bool_]:
    """The years of an exact age's bucket, or those of a range."""
    if label.exact:
        true = bucket_index(label.middle)
        return np.array([bucket_index(year) == true for year in range(YEARS)])
    years = np.arange(YEARS)
    return (years >= min(label.youngest, YEARS - 1)) & (years <= label.oldest)


def _interval_mass(years: npt.NDArray[np.floating], labels: Sequence[Label]) -> float | None:
    """The smallest mass with which intervals hold nine in ten of the exact ages; None without any.

    That is split conformal prediction (Vovk et al. 2005; Angelopoulos and Bates 2021,
    arXiv:2107.07511) with the mass as score: nine in ten of new faces from the same source follow.
    """
    exact = np.array([label.exact for label in labels])
    if not exact.any():
        return None
    ages = np.array([label.youngest for label in labels])[exact].clip(0, YEARS - 1)
    needed = COVERAGE * (1 + 1 / len(ages))
    for mass in MASSES:
        first, last = intervals(years[exact], mass).T
        if np.mean((first <= ages) & (ages <= last)) >= needed:
            return float(mass)
    return 1.0


def _best(loss: Callable[[float], float]) -> float:
    return round(float(min(TEMPERATURES, key=loss)), 4)

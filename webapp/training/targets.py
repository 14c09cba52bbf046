"""The targets of training: distributions over years and smoothed genders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from webapp.evaluation.labels import Label
from webapp.vision.types import Floats

YEARS = 101
"""Ages 0 to 100, one class per year; 100 also stands for anyone older."""

SIGMA_AT_BIRTH = 1.0
SIGMA_AT_FIFTY = 3.0
"""Standard deviation in years of a label: people guess a baby's age better than an adult's."""

RANGE_SOFTNESS = 1.0
"""How far, in years, the ends of a range are smeared: people misjudge those as well."""

WRONG_RANGES = 0.03
"""How likely a year outside a labelled range is beside one inside: undated portraits at times show
somebody long before the years in office."""

WRONG_GENDERS = 0.01
"""Share of wrong gender labels: that many pictures that occur twice in UTKFace contradict."""


@dataclass(frozen=True)
class Targets:
    """For n faces: ``age`` (n, 101); ``soft``, ``exact``, ``years``, ``female`` (n,); all float32.

    Where ``soft`` is 1, ``age`` is a distribution. Where it is 0, ``age`` is 1 inside a range and
    falls outside: any age in there is right. Where ``exact`` is 1, ``years`` is known to the year.
    """

    age: Floats
    soft: Floats
    exact: Floats
    years: Floats
    female: Floats

    @classmethod
    def of(cls, labels: Sequence[Label], taught: Floats | None = None) -> Targets:
        """The targets of some labels, in order.

        ``taught`` (n, 101) are a teacher's answers. A range then becomes the teacher's
        distribution, cut to the range, so that the network keeps what its teacher knows.
        """
        age = np.stack([age_target(label) for label in labels])
        exact = np.array([label.exact for label in labels], np.float32)
        if taught is not None:
            age = np.where(exact[:, None] > 0, age, taught * age)
            age /= age.sum(axis=1, keepdims=True)
        return cls(
            age=age,
            soft=exact if taught is None else np.ones_like(exact),
            exact=exact,
            years=np.array([min(label.middle, YEARS - 1) for label in labels], np.float32),
            female=np.array([abs((label.gender == "female") - WRONG_GENDERS) for label in labels],
                            np.float32),
        )  # fmt: skip

    def rows(self, indices: npt.NDArray[np.integer]) -> Targets:
        """The targets of some of the faces."""
        return Targets(
            self.age[indices],
            self.soft[indices],
            self.exact[indices],
            self.years[indices],
            self.female[indices],
        )


def sigma(years: float) -> float:
    """The standard deviation of a label in years, growing with age up to fifty."""
    return SIGMA_AT_BIRTH + (SIGMA_AT_FIFTY - SIGMA_AT_BIRTH) * min(years, 50) / 50


def age_target(label: Label) -> Floats:
    """A normal distribution about an age, or the soft membership of the years in a range.

    The distribution is label distribution learning as in Gao et al. 2017 (arXiv:1611.01731).
    """
    years = np.arange(YEARS)
    if label.exact:
        age = min(label.youngest, YEARS - 1)
        density = np.exp(-0.5 * ((years - age) / sigma(age)) ** 2)
        return np.asarray(density / density.sum(), np.float32)
    outside = np.maximum(np.maximum(label.youngest - years, years - label.oldest), 0)
    inside = np.exp(-0.5 * (outside / RANGE_SOFTNESS) ** 2)
    return np.asarray(np.maximum(inside, WRONG_RANGES), np.float32)

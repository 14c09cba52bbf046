"""How right answers are: one value a face for each measure, and means with intervals of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from webapp.evaluation.answers import Answers, Floats
from webapp.evaluation.labels import Label
from webapp.vision.buckets import bucket_index, bucket_name, lies_in_bucket

RESAMPLES = 1000
SEED = 1

SIZES = ((0, "under 40 px"), (40, "40 to 79 px"), (80, "80 to 159 px"), (160, "160 px and more"))
"""Least side in pixels and name of the classes of face size."""

MEASURES = {
    "age_error": "mean absolute error of the age in years",
    "bucket_exact": "age bucket exactly right",
    "bucket_within_one": "age bucket right or next to it",
    "range_exact": "age inside the labelled range",
    "range_within_one": "age inside the labelled range or the next",
    "gender": "gender right",
}
"""Every measure's name and its meaning. The first is in years, the others are shares."""


@dataclass(frozen=True)
class Figure:
    """A mean over ``count`` faces, and the 95 % interval of it by the bootstrap."""

    value: float
    low: float
    high: float
    count: int


def values(answers: Answers) -> dict[str, Floats]:
    """Each measure, one value a face; NaN where a label or network gives none.

    The error and the buckets count for exact ages only, the buckets only for ages that lie inside
    one; the ranges count for labels that give a range.
    """
    labels = answers.labels
    exact = np.array([label.exact for label in labels], bool)
    inside = exact & np.array([lies_in_bucket(label.youngest) for label in labels], bool)
    true_bucket = np.array([bucket_index(label.middle) for label in labels], int)
    away = np.abs(answers.buckets.argmax(axis=1) - true_bucket)
    ranges_away = _ranges_away(answers)
    in_ranges = ~exact & ~np.isnan(answers.years)
    female = np.array([label.gender == "female" for label in labels], bool)
    middle = np.array([label.middle for label in labels], float)
    return {
        "age_error": np.where(exact, np.abs(answers.years - middle), np.nan),
        "bucket_exact": np.where(inside, away == 0, np.nan),
        "bucket_within_one": np.where(inside, away <= 1, np.nan),
        "range_exact": np.where(in_ranges, ranges_away <= 0, np.nan),
        "range_within_one": np.where(in_ranges, ranges_away <= 1, np.nan),
        "gender": ((answers.female >= 0.5) == female).astype(float),
    }


def classes(answers: Answers) -> dict[str, list[str]]:
    """The ways in which faces are told apart, and each face's class in it."""
    labels = answers.labels
    ways: dict[str, list[str]] = {
        "age": [_age_class(label) for label in labels],
        "gender": [label.gender for label in labels],
        "face size": [_size_class(size) for size in answers.face_sizes],
    }
    if any(label.group for label in labels):
        groups = [label.group or "not given" for label in labels]
        ways["group"] = groups
        ways["gender and group"] = [
            f"{label.gender}, {group}" for label, group in zip(labels, groups, strict=True)
        ]
    return ways


def summary(measured: Mapping[str, Floats], mask: npt.NDArray[np.bool_]) -> dict[str, Figure]:
    """The figures of some faces; measures without any value are left out."""
    figures = {}
    for name, all_values in measured.items():
        chosen = all_values[mask]
        chosen = chosen[~np.isnan(chosen)]
        if len(chosen):
            figures[name] = figure(chosen)
    return figures


def figure(chosen: Floats) -> Figure:
    """Mean and 95 % bootstrap interval of at least one value."""
    random = np.random.default_rng(SEED)
    draws = (random.integers(0, len(chosen), len(chosen)) for _ in range(RESAMPLES))
    means = [chosen[draw].mean() for draw in draws]
    low, high = np.percentile(means, [2.5, 97.5])
    return Figure(float(chosen.mean()), float(low), float(high), len(chosen))


def confusion(true: Sequence[int], said: Sequence[int], size: int) -> list[list[int]]:
    """How often each true class (row) was said to be each class (column)."""
    table = np.zeros((size, size), int)
    np.add.at(table, (np.asarray(true, int), np.asarray(said, int)), 1)
    return [[int(count) for count in row] for row in table]


def _ranges_away(answers: Answers) -> Floats:
    """How many ranges lie between the expected age and the labelled range; 0 inside it."""
    ranges = sorted({(label.youngest, label.oldest) for label in answers.labels if not label.exact})
    bounds = [youngest - 0.5 for youngest, _ in ranges[1:]]
    said = np.searchsorted(bounds, answers.years, side="right")
    places = {bounds: place for place, bounds in enumerate(ranges)}
    true = [places.get((label.youngest, label.oldest), 0) for label in answers.labels]
    return np.asarray(np.abs(said - np.array(true, int)), float)


def _age_class(label: Label) -> str:
    return bucket_name(label.middle) if label.exact else f"{label.youngest}-{label.oldest}"


def _size_class(size: float) -> str:
    if np.isnan(size):
        return "not known"
    return next(name for least, name in reversed(SIZES) if size >= least)

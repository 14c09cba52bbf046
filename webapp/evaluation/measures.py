"""Measures of accuracy: one value per face and measure, and means with intervals."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from webapp.evaluation.answers import Answers, Values
from webapp.evaluation.labels import Label
from webapp.vision.buckets import bucket_index, bucket_name, lies_in_bucket

RESAMPLES = 1000
SEED = 1

SIZES = ((0, "under 40 px"), (40, "40 to 79 px"), (80, "80 to 159 px"), (160, "160 px and more"))
"""Least side in pixels and name of the classes of face size."""

MEASURES = {
    "age_error": "mean absolute error of the age in years",
    "age_bias": "mean error of the age in years, above 0 where said too old",
    "interval": "age inside its interval, meant to be nine in ten",
    "bucket_exact": "age bucket exactly right",
    "bucket_within_one": "age bucket right or next to it",
    "range_exact": "age inside the labelled range",
    "range_within_one": "age inside the labelled range or the next",
    "gender": "gender right",
}
"""Every measure's name and its meaning. Those whose meaning names years are years, the others are
shares."""


@dataclass(frozen=True)
class Figure:
    """A mean over ``count`` faces, and the 95 % interval of it by the bootstrap."""

    value: float
    low: float
    high: float
    count: int


def values(answers: Answers) -> dict[str, Values]:
    """One value per measure and face; NaN if label or network gives none.

    Error, bias, interval and buckets count for exact ages only, the buckets only for ages that lie
    inside one; the ranges count for labels that give a range.
    """
    labels = answers.labels
    exact = np.array([label.exact for label in labels], bool)
    inside = exact & np.array([lies_in_bucket(label.youngest) for label in labels], bool)
    true_bucket = np.array([bucket_index(label.middle) for label in labels], int)
    away = np.abs(answers.buckets.argmax(axis=1) - true_bucket)
    in_ranges = ~exact & ~np.isnan(answers.years)
    female = np.array([label.gender == "female" for label in labels], bool)
    error = answers.years - np.array([label.middle for label in labels], float)
    youngest = np.array([label.youngest for label in labels], float)
    oldest = np.array([label.oldest for label in labels], float)
    first, last = answers.intervals.T
    in_interval = np.where(np.isnan(first), np.nan, (first <= youngest) & (oldest <= last))
    in_range = (youngest - 0.5 <= answers.years) & (answers.years < oldest + 0.5)
    return {
        "age_error": np.where(exact, np.abs(error), np.nan),
        "age_bias": np.where(exact, error, np.nan),
        "interval": np.where(exact, in_interval, np.nan),
        "bucket_exact": np.where(inside, away == 0, np.nan),
        "bucket_within_one": np.where(inside, away <= 1, np.nan),
        "range_exact": np.where(in_ranges, in_range, np.nan),
        "range_within_one": np.where(in_ranges, _in_range_or_next(answers), np.nan),
        "gender": ((answers.female >= 0.5) == female).astype(float),
    }


def classes(answers: Answers) -> dict[str, list[str]]:
    """The ways of grouping faces, with the class of each face."""
    labels = answers.labels
    ways: dict[str, list[str]] = {}
    if len({label.origin for label in labels}) > 1:
        ways["origin"] = [label.origin or "not given" for label in labels]
    ways |= {
        "age": _age_classes(labels),
        "gender": [label.gender for label in labels],
        "face size": [size_class(size) for size in answers.face_sizes],
    }
    if any(label.group for label in labels):
        groups = [label.group or "not given" for label in labels]
        ways["group"] = groups
        ways["gender and group"] = [
            f"{label.gender}, {group}" for label, group in zip(labels, groups, strict=True)
        ]
    return ways


def summary(measured: Mapping[str, Values], mask: npt.NDArray[np.bool_]) -> dict[str, Figure]:
    """The figures of some faces; measures without any value are left out."""
    figures = {}
    for name, all_values in measured.items():
        chosen = all_values[mask]
        chosen = chosen[~np.isnan(chosen)]
        if len(chosen):
            figures[name] = figure(chosen)
    return figures


def by_class(
    measured: Mapping[str, Values], of_faces: Sequence[str]
) -> dict[str, dict[str, Figure]]:
    """The figures of each class of faces, smallest numbers first."""
    names = sorted(set(of_faces), key=_smallest_first)
    chosen = np.array(of_faces)
    return {name: summary(measured, chosen == name) for name in names}


def _smallest_first(name: str) -> tuple[int, str]:
    """Order "4-6" before "15-20" and "under 40 px" before "40 to 79 px"."""
    number = re.match(r"\d+", name)
    return (int(number[0]) if number else -1, name)


def figure(chosen: Values) -> Figure:
    """Mean and 95 % bootstrap interval of at least one value."""
    random = np.random.default_rng(SEED)
    draws = (random.integers(0, len(chosen), len(chosen)) for _ in range(RESAMPLES))
    means = [chosen[draw].mean() for draw in draws]
    low, high = np.percentile(means, [2.5, 97.5])
    return Figure(float(chosen.mean()), float(low), float(high), len(chosen))


def confusion(true: Sequence[int], said: Sequence[int], size: int) -> list[list[int]]:
    """How often each true class (row) was predicted as each class (column)."""
    table = np.zeros((size, size), int)
    np.add.at(table, (np.asarray(true, int), np.asarray(said, int)), 1)
    return [[int(count) for count in row] for row in table]


def _scales(labels: Sequence[Label]) -> dict[str | None, list[tuple[int, int]]]:
    """The ranges of ages of each origin whose ranges do not overlap, youngest first."""
    ranges: dict[str | None, set[tuple[int, int]]] = defaultdict(set)
    for label in labels:
        if not label.exact:
            ranges[label.origin].add((label.youngest, label.oldest))
    return {
        origin: sorted(found)
        for origin, found in ranges.items()
        if all(one[1] < other[0] for one, other in pairwise(sorted(found)))
    }


def _in_range_or_next(answers: Answers) -> Values:
    """Whether the expected age lies in the labelled range or in a neighbour of it; NaN where the
    ranges of an origin overlap: those have no neighbours.
    """
    labels, inside = answers.labels, np.full(len(answers.labels), np.nan)
    for origin, scale in _scales(labels).items():
        places = {bounds: place for place, bounds in enumerate(scale)}
        bounds = [youngest - 0.5 for youngest, _ in scale[1:]]
        said = np.searchsorted(bounds, answers.years, side="right")
        for index, label in enumerate(labels):
            if label.origin == origin and not label.exact:
                inside[index] = abs(said[index] - places[label.youngest, label.oldest]) <= 1
    return inside


def _age_classes(labels: Sequence[Label]) -> list[str]:
    """The labelled range, or the bucket of an exact age and of ranges that overlap."""
    scales = _scales(labels)
    return [
        bucket_name(label.middle)
        if label.exact or label.origin not in scales
        else f"{label.youngest}-{label.oldest}"
        for label in labels
    ]


def size_class(size: float) -> str:
    """The name of the class of a face's longer side in pixels."""
    if np.isnan(size):
        return "not known"
    return next(name for least, name in reversed(SIZES) if size >= least)

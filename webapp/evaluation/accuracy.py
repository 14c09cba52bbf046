"""The accuracy that a model card tells and that the pages show beside every answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from webapp.evaluation.answers import Answers, Floats
from webapp.evaluation.measures import MEASURES, values
from webapp.evaluation.reliability import reliability
from webapp.vision.buckets import BUCKETS, bucket_index, bucket_name, lies_in_bucket

Table = dict[str, Any]
"""Strings, numbers and tables of them, as TOML has them."""


def accuracy_table(answers: Answers, sets: Sequence[str]) -> Table:
    """The table ``[accuracy]`` of a card; ``sets`` names the data set of each face.

    ``overall``, and by set, age bucket, and gender and group: the number of faces and the mean of
    every measure that applies. A range of ages counts for the bucket of its middle.
    """
    measured = values(answers)
    buckets = [bucket_name(label.middle) for label in answers.labels]
    groups = [f"{label.gender}, {label.group}" for label in answers.labels]
    known = {group for group, label in zip(groups, answers.labels, strict=True) if label.group}
    everyone = _means(measured, np.ones(len(sets), bool))
    return {
        "data": f"{len(sets)} faces held back from training: " + ", ".join(dict.fromkeys(sets)),
        "meaning": MEASURES,
        "overall": {**everyone, **_calibration_errors(answers)},
        "by_set": _tables(measured, sets, dict.fromkeys(sets)),
        "by_bucket": _tables(measured, buckets, [one for one in BUCKETS if one in buckets]),
        "by_group": _tables(measured, groups, sorted(known)),
    }


def _tables(measured: Mapping[str, Floats], of_faces: Sequence[str], names: Iterable[str]) -> Table:
    classes = np.array(of_faces)
    return {name: _means(measured, classes == name) for name in names}


def _means(measured: Mapping[str, Floats], chosen: np.ndarray[Any, Any]) -> Table:
    means: Table = {"faces": int(chosen.sum())}
    for name, all_values in measured.items():
        known = all_values[chosen & ~np.isnan(all_values)]
        if len(known):
            means[name] = round(float(known.mean()), 4)
    return means


def _calibration_errors(answers: Answers) -> Table:
    """Expected calibration errors of the gender and of the bucket.

    That of the bucket is for the ages that the buckets name and, apart, for all exact ages.
    """
    female = np.array([label.gender == "female" for label in answers.labels])
    right = (answers.female >= 0.5) == female
    errors = {"gender": reliability(np.maximum(answers.female, 1 - answers.female), right)}
    exact = np.array([label.exact for label in answers.labels])
    named = exact & np.array([lies_in_bucket(label.youngest) for label in answers.labels])
    true = np.array([bucket_index(label.middle) for label in answers.labels])
    right_bucket = answers.buckets.argmax(axis=1) == true
    sure = answers.buckets.max(axis=1)
    for name, chosen in (("bucket", named), ("bucket_of_any_age", exact)):
        if chosen.any():
            errors[name] = reliability(sure[chosen], right_bucket[chosen])
    return {
        f"{name}_calibration_error": round(error.expected_error, 4)
        for name, error in errors.items()
    }

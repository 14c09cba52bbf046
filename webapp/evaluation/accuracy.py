"""The accuracy on a model card, which pages show beside every answer."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from webapp.evaluation.answers import Answers
from webapp.evaluation.measures import MEASURES, SIZES, size_class, values
from webapp.evaluation.reliability import reliabilities
from webapp.vision.buckets import BUCKETS, bucket_name

Table = dict[str, Any]
"""Strings, numbers and tables of them, as TOML has them."""


def accuracy_table(answers: Answers) -> Table:
    """The table ``[accuracy]`` of a card.

    ``overall``, and by set, age bucket, gender and group, and face size: the number of faces, the
    mean of every measure that applies, and the calibration errors. A range of ages counts for the
    bucket of its middle.
    """
    sets = [label.origin or "not given" for label in answers.labels]
    buckets = [bucket_name(label.middle) for label in answers.labels]
    groups = [f"{label.gender}, {label.group}" for label in answers.labels]
    sizes = [size_class(size) for size in answers.face_sizes]
    known = {group for group, label in zip(groups, answers.labels, strict=True) if label.group}
    return {
        "data": f"{len(sets)} faces held back from training: " + ", ".join(dict.fromkeys(sets)),
        "meaning": MEASURES,
        "overall": _row(answers),
        "by_set": _rows(answers, sets, dict.fromkeys(sets)),
        "by_bucket": _rows(answers, buckets, [one for one in BUCKETS if one in buckets]),
        "by_group": _rows(answers, groups, sorted(known)),
        "by_size": _rows(answers, sizes, [name for _, name in SIZES if name in sizes]),
    }


def _rows(answers: Answers, of_faces: Sequence[str], names: Iterable[str]) -> Table:
    classes = np.array(of_faces)
    return {name: _row(answers.rows(classes == name)) for name in names}


def _row(answers: Answers) -> Table:
    row: Table = {"faces": len(answers.labels)}
    for name, all_values in values(answers).items():
        known = all_values[~np.isnan(all_values)]
        if len(known):
            row[name] = round(float(known.mean()), 4)
    for name, found in reliabilities(answers).items():
        row[f"{name.replace(' ', '_')}_calibration_error"] = round(found.expected_error, 4)
    return row

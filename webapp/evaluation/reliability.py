"""Whether a confidence of 80 % is right 80 % of the time."""

from dataclasses import dataclass

import numpy as np

from webapp.evaluation.answers import Answers, Values
from webapp.vision.buckets import bucket_index, lies_in_bucket

BINS = 10


@dataclass(frozen=True)
class Bin:
    """The answers whose confidence lies in one tenth of 0…1."""

    confidence: float
    accuracy: float
    count: int


@dataclass(frozen=True)
class Reliability:
    """A reliability diagram, and its expected calibration error: the mean distance of confidence
    and accuracy over the bins, weighted by their counts (Guo et al. 2017).
    """

    bins: tuple[Bin, ...]
    expected_error: float


def reliability(confidence: Values, right: Values) -> Reliability:
    """For n answers: their confidences, 0…1, and whether each was right.

    Empty bins are left out.
    """
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    bins = []
    for number in range(BINS):
        chosen = place == number
        if chosen.any():
            means = float(confidence[chosen].mean()), float(right[chosen].mean())
            bins.append(Bin(*means, int(chosen.sum())))
    total = max(1, len(confidence))
    distances = (abs(one.confidence - one.accuracy) * one.count for one in bins)
    return Reliability(tuple(bins), sum(distances) / total)


def reliabilities(answers: Answers) -> dict[str, Reliability]:
    """Those of the gender and, for exact ages, of the bucket: of the ages that buckets name, and of
    any age. One without any face is left out.
    """
    female = np.array([label.gender == "female" for label in answers.labels], bool)
    sure_gender = np.maximum(answers.female, 1 - answers.female)
    exact = np.array([label.exact for label in answers.labels], bool)
    named = exact & np.array([lies_in_bucket(label.youngest) for label in answers.labels], bool)
    true = np.array([bucket_index(label.middle) for label in answers.labels], int)
    sure, right = answers.buckets.max(axis=1), answers.buckets.argmax(axis=1) == true
    found = {
        "bucket": reliability(sure[named], right[named]),
        "bucket of any age": reliability(sure[exact], right[exact]),
        "gender": reliability(sure_gender, (answers.female >= 0.5) == female),
    }
    return {name: one for name, one in found.items() if one.bins}

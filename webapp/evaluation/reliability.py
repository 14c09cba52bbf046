"""Whether a confidence of 80 % is right 80 % of the time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from webapp.evaluation.answers import Floats

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


def reliability(confidence: Floats, right: Floats) -> Reliability:
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

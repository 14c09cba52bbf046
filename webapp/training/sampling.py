"""Samples faces for an epoch: rare combinations of age, gender and group more often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from webapp.evaluation.labels import Label
from webapp.vision.buckets import bucket_index

Indices = npt.NDArray[np.intp]


def sampling_weights(labels: Sequence[Label], balance: float) -> npt.NDArray[np.float64]:
    """The probability of drawing each face.

    Cells are age × gender × group. With ``balance`` 0 every face is as likely as any
    other, with 1 every cell is; between, a cell's share is its size to the power of 1 − balance.
    """
    cells = [(_age_cell(label.middle), label.gender, label.group) for label in labels]
    sizes = Counter(cells)
    weights = np.array([float(sizes[cell]) ** -balance for cell in cells])
    return np.asarray(weights / weights.sum())


def _age_cell(years: float) -> int:
    """The bucket; from sixty on the decade, so that the oldest are not lost among the sixties."""
    return bucket_index(years) if years < 60 else int(years // 10) * 10


def epoch_order(weights: npt.NDArray[np.float64], seed: int, epoch: int) -> Indices:
    """As many indices as there are faces, in the order of an epoch.

    Systematic sampling: a face that should be drawn 2.3 times is drawn twice or three times.
    """
    random = np.random.default_rng((seed, epoch))
    shuffled = random.permutation(len(weights))
    expected = np.cumsum(weights[shuffled]) * len(weights)
    drawn = np.searchsorted(expected, random.random() + np.arange(len(weights)))
    return random.permutation(shuffled[np.minimum(drawn, len(weights) - 1)])

"""Rare combinations of age, gender and group are shown more often, as far as one asks."""

import numpy as np
import pytest

from webapp.evaluation.labels import Label
from webapp.training.sampling import epoch_order, sampling_weights

LABELS = [Label(f"{i}", 30, 30, "female") for i in range(90)] + [
    Label(f"r{i}", 1, 1, "male") for i in range(10)
]


@pytest.mark.parametrize(("balance", "share"), [(0.0, 0.1), (0.5, 0.25), (1.0, 0.5)])
def test_a_rare_cells_share_grows_with_balance(balance: float, share: float) -> None:
    weights = sampling_weights(LABELS, balance)
    assert weights.sum() == pytest.approx(1)
    assert weights[90:].sum() == pytest.approx(share, abs=0.01)


def test_without_balance_an_epoch_shows_every_face_once() -> None:
    order = epoch_order(sampling_weights(LABELS, 0.0), seed=1, epoch=0)
    assert sorted(order) == list(range(100))


def test_an_epoch_shows_each_face_about_as_often_as_it_should() -> None:
    weights = sampling_weights(LABELS, 1.0)
    counts = np.bincount(epoch_order(weights, seed=1, epoch=0), minlength=100)
    assert counts.sum() == 100
    assert (np.abs(counts - 100 * weights) < 1).all()


def test_epochs_differ_and_repeat_with_the_seed() -> None:
    weights = sampling_weights(LABELS, 0.0)
    first = epoch_order(weights, seed=1, epoch=0)
    assert (first == epoch_order(weights, seed=1, epoch=0)).all()
    assert (first != epoch_order(weights, seed=1, epoch=1)).any()
    assert (first != epoch_order(weights, seed=2, epoch=0)).any()

"""Ages become buckets in one place."""

from __future__ import annotations

import numpy as np
import pytest

from webapp.vision.buckets import BUCKETS, bucket_name, expected_years, fold_years


@pytest.mark.parametrize(
    ("years", "bucket"),
    [
        (0, "0-2"), (2.9, "0-2"), (3, "4-6"), (6.9, "4-6"), (7, "8-12"), (13, "8-12"),
        (13.5, "15-20"), (14, "15-20"), (22, "15-20"), (22.5, "25-32"), (34, "25-32"),
        (35, "38-43"), (45, "38-43"), (45.5, "48-53"), (56, "48-53"), (56.5, "60-100"),
        (57, "60-100"), (116, "60-100"),
    ],
)  # fmt: skip
def test_an_age_between_two_buckets_goes_to_the_nearer_one(years: float, bucket: str) -> None:
    assert bucket_name(years) == bucket


def test_folding_keeps_every_bit_of_probability() -> None:
    pmf = np.random.default_rng(0).dirichlet(np.ones(101), size=3)
    folded = fold_years(pmf)
    assert folded.shape == (3, len(BUCKETS))
    np.testing.assert_allclose(folded.sum(axis=1), 1.0)


def test_folding_puts_a_certain_age_into_its_bucket() -> None:
    pmf = np.zeros(81)
    pmf[40] = 1.0
    assert BUCKETS[int(fold_years(pmf).argmax())] == "38-43"
    assert expected_years(pmf) == 40.0

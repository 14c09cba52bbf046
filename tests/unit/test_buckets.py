"""Ages become buckets in one place."""

import numpy as np
import pytest

from webapp.vision.buckets import (
    BUCKETS,
    age_estimates,
    bucket_name,
    expected_years,
    fold_years,
    intervals,
)


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


def test_an_interval_is_the_shortest_run_of_years_that_holds_enough() -> None:
    pmf = np.zeros((3, 101))
    pmf[0, [20, 21, 22, 60]] = 0.3, 0.4, 0.2, 0.1
    pmf[1, 100] = 1.0
    pmf[2] = 1 / 101
    assert intervals(pmf, 0.85).tolist()[:2] == [[20, 22], [100, 100]]
    assert intervals(pmf, 0.95).tolist()[0] == [20, 60]
    first, last = intervals(pmf, 0.9)[2]
    assert last - first + 1 == 91
    assert intervals(pmf, 1.0).tolist()[2] == [0, 100]


def test_only_a_network_with_a_measured_mass_gives_intervals() -> None:
    pmf = np.random.default_rng(0).dirichlet(np.ones(101), size=2)
    assert [one.interval for one in age_estimates(pmf)] == [None, None]
    for one in age_estimates(pmf, 0.9):
        assert one.interval is not None
        assert all(type(year) is int for year in one.interval)
        assert sum(one.distribution.values()) == pytest.approx(1)

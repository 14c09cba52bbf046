"""The eight age buckets of Adience, and the way from years to buckets.

The buckets leave gaps (3, 7, 13, 14 ...). An age between two buckets belongs to the nearer one,
so the bounds lie in the middle of each gap: at 3, 7, 13.5, 22.5, 35, 45.5 and 56.5 years. An age
on a bound belongs to the older bucket: 3 is 4-6.
"""

import bisect
from typing import get_args

import numpy as np
import numpy.typing as npt

from webapp.vision.types import AgeEstimate, Bucket

BUCKETS: tuple[Bucket, ...] = get_args(Bucket)
"""Names, youngest first (Levi and Hassner 2015; Eidinger, Enbar and Hassner 2014)."""

BOUNDS = (3.0, 7.0, 13.5, 22.5, 35.0, 45.5, 56.5)
"""Lower bound in years of every bucket but the first."""


def bucket_index(years: float) -> int:
    """The index, 0 to 7, of the bucket that is nearest to an age in years."""
    return bisect.bisect_right(BOUNDS, years)


def lies_in_bucket(years: int) -> bool:
    """Whether a bucket names this age: 25 to 32 do, 24 and 33 do not; 60 and more do."""
    youngest, oldest = BUCKETS[bucket_index(years)].split("-")
    return int(youngest) <= years <= int(oldest) or years > int(BUCKETS[-1].split("-")[1])


def bucket_name(years: float) -> Bucket:
    """The name of the bucket that is nearest to an age in years: 2.9 is "0-2", 57 is "60-100"."""
    return BUCKETS[bucket_index(years)]


def fold_years(pmf: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Fold distributions over whole years into distributions over the eight buckets.

    ``pmf`` has shape (..., years), entry ``i`` being the probability of age ``i``. Returns
    ``float64`` of shape (..., 8); each row keeps its sum.
    """
    years = pmf.shape[-1]
    membership = np.zeros((years, len(BUCKETS)))
    membership[np.arange(years), [bucket_index(year) for year in range(years)]] = 1.0
    return pmf.astype(np.float64) @ membership


def expected_years(pmf: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """The mean age of distributions over whole years: shape (..., years) becomes (...)."""
    return pmf.astype(np.float64) @ np.arange(pmf.shape[-1], dtype=np.float64)


def intervals(pmf: npt.NDArray[np.floating], mass: float) -> npt.NDArray[np.intp]:
    """The shortest run of years that holds at least ``mass`` of each distribution's probability.

    ``pmf`` has shape (n, years). Returns the first and the last year, both included, shape (n, 2);
    of runs of one length the most probable, and all years where no run holds as much.
    """
    below = np.pad(pmf.astype(np.float64).cumsum(axis=1), ((0, 0), (1, 0)))
    found = np.tile([0, pmf.shape[1] - 1], (len(pmf), 1))
    missing = np.ones(len(pmf), np.bool_)
    for length in range(1, pmf.shape[1]):
        held = below[:, length:] - below[:, :-length]
        first = held.argmax(axis=1)
        done = missing & (held.max(axis=1) >= mass)
        found[done] = np.stack([first, first + length - 1], axis=1)[done]
        missing &= ~done
    return found


def age_estimates(
    pmf: npt.NDArray[np.floating], interval_mass: float | None = None
) -> list[AgeEstimate]:
    """An estimate for each distribution over whole years, shape (n, years).

    ``interval_mass`` is how much probability an interval must hold to be right nine times in ten,
    as measured; without it no interval is given.
    """
    bounds = [None] * len(pmf) if interval_mass is None else intervals(pmf, interval_mass).tolist()
    rounded = pmf.astype(np.float64).round(4).tolist()
    return [
        AgeEstimate(
            dict(zip(BUCKETS, map(float, buckets), strict=True)),
            float(years),
            both and (*both,),
            (*by_year,),
        )
        for buckets, years, both, by_year in zip(
            fold_years(pmf), expected_years(pmf), bounds, rounded, strict=True
        )
    ]

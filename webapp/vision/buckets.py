"""The eight age buckets of Adience, and the way from years to buckets.

The buckets leave gaps (3, 7, 13, 14 ...). An age between two buckets belongs to the nearer one,
so the bounds lie in the middle of each gap: at 3, 7, 13.5, 22.5, 35, 45.5 and 56.5 years. An age
on a bound belongs to the older bucket: 3 is 4-6.
"""

from __future__ import annotations

import bisect

import numpy as np
import numpy.typing as npt

BUCKETS = ("0-2", "4-6", "8-12", "15-20", "25-32", "38-43", "48-53", "60-100")
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


def bucket_name(years: float) -> str:
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

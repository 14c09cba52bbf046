"""What a network said of labelled faces, as arrays that measures are computed from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np
import numpy.typing as npt

from webapp.evaluation.labels import Label
from webapp.vision.buckets import BUCKETS
from webapp.vision.types import Estimate

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Judged:
    """One labelled picture. ``estimate`` and ``face_size``, the longer side of the face's box in
    pixels, are None where no face was found; ``problem`` then says why.
    """

    label: Label
    estimate: Estimate | None
    face_size: int | None = None
    problem: str | None = None


@dataclass(frozen=True)
class Answers:
    """Answers for n faces: ``buckets`` (n, 8) and ``female`` (n,) are probabilities, ``years``
    (n,) expected ages, NaN for a network that knows only buckets, ``intervals`` (n, 2) the first
    and last year of each interval, NaN where a network gives none. ``face_sizes`` (n,) are pixels,
    NaN where they are not known.
    """

    labels: tuple[Label, ...]
    buckets: Floats
    years: Floats
    intervals: Floats
    female: Floats
    face_sizes: Floats

    @classmethod
    def of(cls, judged: Sequence[Judged]) -> Answers:
        """The answers for the pictures in which a face was found."""
        found = [one for one in judged if one.estimate is not None]
        estimates = [one.estimate for one in found if one.estimate is not None]
        distributions = [
            [estimate.age.distribution[bucket] for bucket in BUCKETS] for estimate in estimates
        ]
        return cls(
            labels=tuple(one.label for one in found),
            buckets=np.array(distributions, float).reshape(-1, len(BUCKETS)),
            years=_numbers(estimate.age.years for estimate in estimates),
            intervals=np.array(
                [estimate.age.interval or (np.nan, np.nan) for estimate in estimates], float
            ).reshape(-1, 2),
            female=_numbers(estimate.gender.female for estimate in estimates),
            face_sizes=_numbers(one.face_size for one in found),
        )

    def rows(self, chosen: npt.NDArray[np.bool_]) -> Answers:
        """The answers for some of the faces."""
        return Answers(
            labels=tuple(compress(self.labels, chosen)),
            buckets=self.buckets[chosen],
            years=self.years[chosen],
            intervals=self.intervals[chosen],
            female=self.female[chosen],
            face_sizes=self.face_sizes[chosen],
        )


def _numbers(values: Iterable[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], float)

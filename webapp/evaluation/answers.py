"""A network's answers for labelled pictures, as arrays to compute measures from."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np
import numpy.typing as npt

from webapp.evaluation.labels import Label, LabelledSet
from webapp.vision.analyzer import Analyzer
from webapp.vision.buckets import BUCKETS
from webapp.vision.decode import decode
from webapp.vision.detectors.base import DetectionOptions
from webapp.vision.errors import VisionError
from webapp.vision.types import Estimate

Values = npt.NDArray[np.floating]

NO_FACE = "no face found"


@dataclass(frozen=True)
class Judged:
    """One labelled picture. ``estimate`` and ``face_size``, the longer side of the face's box in
    pixels, are None if no face was found; ``problem`` then says why.
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
    buckets: Values
    years: Values
    intervals: Values
    female: Values
    face_sizes: Values

    @classmethod
    def of(cls, judged: Sequence[Judged]) -> "Answers":
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

    def rows(self, chosen: npt.NDArray[np.bool_]) -> "Answers":
        """The answers for some of the faces."""
        return Answers(
            labels=tuple(compress(self.labels, chosen)),
            buckets=self.buckets[chosen],
            years=self.years[chosen],
            intervals=self.intervals[chosen],
            female=self.female[chosen],
            face_sizes=self.face_sizes[chosen],
        )


def _numbers(values: Iterable[float | None]) -> Values:
    return np.array([np.nan if value is None else value for value in values], float)


def judge(labelled: LabelledSet, analyzer: Analyzer, options: DetectionOptions) -> Iterator[Judged]:
    """The network's answer for every labelled picture, in order.

    In a picture with several faces the largest is the labelled one. Raises InvalidLabels if a
    picture is missing; unreadable pictures and those without a face get a ``problem``.
    """
    for label in labelled.labels:
        data = labelled.read(label)
        try:
            yield _judged(label, data, analyzer, options)
        except VisionError as error:
            yield Judged(label, None, problem=str(error))


def _judged(label: Label, data: bytes, analyzer: Analyzer, options: DetectionOptions) -> Judged:
    analysis = analyzer.analyze(decode(data), options)
    if not analysis.faces:
        return Judged(label, None, problem=NO_FACE)
    face = max(analysis.faces, key=lambda face: face.box.area)
    return Judged(label, Estimate(face.age, face.gender), max(face.box.width, face.box.height))

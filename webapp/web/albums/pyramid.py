"""A population pyramid: the faces of an album by age group and gender."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from webapp.vision.buckets import BUCKETS
from webapp.web.albums.table import FaceLine

LONGEST = 110
"""The width of the longest bar, in units of the drawing, which leave room for its number."""


@dataclass(frozen=True)
class Band:
    """One age group: how many faces there are, and how long the bars are."""

    bucket: str
    female: int
    male: int
    female_width: float
    male_width: float


def pyramid(lines: Sequence[FaceLine]) -> list[Band]:
    """All age groups, the oldest first; bars are in proportion to the largest number."""
    counts = Counter((line.face.age.bucket, line.face.gender.label) for line in lines)
    unit = LONGEST / max(counts.values(), default=1)
    bands = []
    for bucket in reversed(BUCKETS):
        female, male = counts[bucket, "female"], counts[bucket, "male"]
        bands.append(Band(bucket, female, male, round(unit * female, 1), round(unit * male, 1)))
    return bands

"""Which parts of a crop an answer depends on: how it changes when they are covered.

Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks" (2014), section 4.2:
a grey square is moved over the picture, and the probability of the answer drawn at its place.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np

from webapp.vision.estimators.base import Crops, Estimator
from webapp.vision.estimators.pair import PairedEstimator, estimates_of
from webapp.vision.types import Pixels

GRID = 6
"""Places of the square along each edge of the crop; with 36 of them and the crop itself, one batch
of our network takes about 0.4 s on two cores."""
SQUARE = 0.28
"""The square's side as a share of the crop's: about an eye, the nose, or half of the mouth."""
FAINT = 0.1
"""The drop in probability that gets the full colour, unless a place causes a larger one: small
drops of a very certain network should not look like reasons."""


@dataclass(frozen=True)
class Sensitivity:
    """How much one answer depends on each place of a crop.

    ``confidence`` is the probability of ``answer`` for the whole crop; ``covered`` are those for
    the crop with the square at each of ``GRID`` × ``GRID`` places, row by row.
    """

    answer: str
    confidence: float
    covered: tuple[float, ...]

    @property
    def lowest(self) -> float:
        """The probability with the square at the worst place."""
        return min(self.confidence, *self.covered)


def sensitivities(
    estimator: Estimator | PairedEstimator, crops: Crops
) -> tuple[Sensitivity, Sensitivity]:
    """Of the age and of the gender of one face, by its crops."""
    views = ([one for crop in each for one in (crop, *covered(crop))] for each in crops)
    estimates = estimates_of(estimator, Crops(*views))
    bucket, label = estimates[0].age.bucket, estimates[0].gender.label
    females = [one.gender.female for one in estimates]
    age, *ages = (one.age.distribution[bucket] for one in estimates)
    gender, *genders = (one if label == "female" else 1 - one for one in females)
    return Sensitivity(bucket, age, tuple(ages)), Sensitivity(label, gender, tuple(genders))


def covered(crop: Pixels) -> Iterator[Pixels]:
    """Copies of a crop, each with a square in its mean grey, row by row."""
    grey = round(float(crop.mean()))
    for rows, columns in product(_places(crop.shape[0]), _places(crop.shape[1])):
        copy = crop.copy()
        copy[rows, columns] = grey
        yield copy


def heat_map(crop: Pixels, found: Sensitivity) -> Pixels:
    """The crop in grey, coloured the more the further the probability falls: RGB ``uint8``."""
    drops = np.maximum(found.confidence - np.array(found.covered, np.float32), 0)
    height, width = crop.shape[:2]
    total, times = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    places = product(_places(height), _places(width))
    for (rows, columns), drop in zip(places, drops, strict=True):
        total[rows, columns] += drop
        times[rows, columns] += 1
    blurred = np.asarray(cv2.GaussianBlur(total / times, (0, 0), width / 40), np.float32)
    heat = blurred / max(float(blurred.max()), FAINT)
    coloured = cv2.applyColorMap((255 * heat).clip(0, 255).astype(np.uint8), cv2.COLORMAP_INFERNO)
    grey = cv2.cvtColor(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    weight = 0.7 * heat[:, :, np.newaxis]
    mixed = (1 - weight) * grey + weight * coloured[:, :, ::-1]
    return mixed.clip(0, 255).astype(np.uint8)


def _places(side: int) -> list[slice]:
    """Where the square lies along an edge, from border to border."""
    width = max(1, round(SQUARE * side))
    return [slice(start, start + width) for start in np.linspace(0, side - width, GRID).astype(int)]

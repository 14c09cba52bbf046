"""Batches of augmented faces, prepared by threads ahead of the training.

A batch depends only on the seed and its number: a run that is killed and resumed sees exactly what
it would have seen.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from webapp.training.augmentation import augmented
from webapp.training.faces import TrainingFaces
from webapp.training.recipe import Recipe
from webapp.training.sampling import epoch_order, sampling_weights
from webapp.training.targets import Targets
from webapp.vision.types import Pixels

THREADS = 2
AHEAD = 6
"""Batches that are prepared ahead."""


@dataclass(frozen=True)
class Batch:
    """Pictures, ``uint8`` (n, side, side, 3), and their targets."""

    pictures: Pixels
    targets: Targets


class Batches:
    """Every batch of a training run by its number."""

    def __init__(self, faces: TrainingFaces, recipe: Recipe) -> None:
        labels = [faces.labels[index] for index in faces.training]
        self._faces = faces
        self._recipe = recipe
        self._targets = Targets.of(labels, faces.taught)
        self._weights = sampling_weights(labels, recipe.balance)
        self.steps_per_epoch = max(1, len(labels) // recipe.batch)

    def from_step(self, first: int, last: int) -> Iterator[Batch]:
        """The batches with numbers from ``first`` up to, not including, ``last``."""
        waiting: deque[Future[Batch]] = deque()
        with ThreadPoolExecutor(THREADS) as pool:
            for step in range(first, last):
                waiting.append(pool.submit(self.batch, step))
                if len(waiting) > AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def batch(self, step: int) -> Batch:
        """One batch."""
        chosen = self._chosen(step)
        random = np.random.default_rng((self._recipe.seed, step, 1))
        detectors = random.integers(self._faces.detectors, size=len(chosen))
        pictures = [
            augmented(self._faces.picture(index, detector), self._recipe.side, random)
            for index, detector in zip(self._faces.training[chosen], detectors, strict=True)
        ]
        return Batch(np.stack(pictures), self._targets.rows(chosen))

    def _chosen(self, step: int) -> npt.NDArray[np.intp]:
        epoch, place = divmod(step, self.steps_per_epoch)
        order = epoch_order(self._weights, self._recipe.seed, epoch)
        size = self._recipe.batch
        return order[place * size : (place + 1) * size]

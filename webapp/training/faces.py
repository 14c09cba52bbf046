"""All faces of a training run: several stores seen as one, split into two parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from webapp.evaluation.labels import InvalidLabels, Label
from webapp.training.augmentation import centre_crop
from webapp.training.face_store import FaceStore
from webapp.training.recipe import Recipe
from webapp.training.sampling import Indices
from webapp.training.split import validation_mask
from webapp.vision.types import Floats, Pixels


@dataclass(frozen=True)
class TrainingFaces:
    """Labels and pictures of all stores, one after another, and the indices of both parts.

    The origin of each label is the name of its set. ``taught``, if there is a teacher, is its
    distribution over the years for each face of the training part.
    """

    labels: tuple[Label, ...]
    stores: tuple[Pixels, ...]
    training: Indices
    validation: Indices
    taught: Floats | None = None

    @classmethod
    def of(cls, stores: Sequence[FaceStore], recipe: Recipe) -> TrainingFaces:
        """The faces of some stores; each is split on its own.

        Raises InvalidLabels if there are too few to be split.
        """
        masks = [
            validation_mask(store.labels, store.pictures, recipe.validation_share, recipe.seed)
            for store in stores
        ]
        held_back = np.concatenate(masks)
        found = np.concatenate([store.found for store in stores])
        if held_back.all() or not held_back.any():
            raise InvalidLabels("There are too few pictures to hold some back.")
        return cls(
            labels=tuple(
                replace(label, origin=store.name) for store in stores for label in store.labels
            ),
            stores=tuple(store.pictures for store in stores),
            training=np.flatnonzero(~held_back & found),
            validation=np.flatnonzero(held_back & found),
        )

    @property
    def validation_labels(self) -> tuple[Label, ...]:
        """The labels of the faces held back."""
        return tuple(self.labels[index] for index in self.validation)

    def picture(self, index: int) -> Pixels:
        """The stored picture of a face."""
        for pictures in self.stores:
            if index < len(pictures):
                return np.asarray(pictures[index])
            index -= len(pictures)
        raise IndexError(index)

    def crops(self, indices: Indices, side: int, batch: int) -> Iterator[Pixels]:
        """The canonical crops of some faces, unchanged, a batch at a time."""
        for start in range(0, len(indices), batch):
            chosen = indices[start : start + batch]
            yield np.stack([centre_crop(self.picture(index), side) for index in chosen])

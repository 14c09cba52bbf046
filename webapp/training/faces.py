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

    The origin of each label is the name of its set. Each store has the pictures as each detector
    cuts them. ``taught``, if there is a teacher, is its distribution over the years for each face
    of the training part.
    """

    labels: tuple[Label, ...]
    stores: tuple[tuple[Pixels, ...], ...]
    training: Indices
    validation: Indices
    taught: Floats | None = None
    # The longer sides in pixels of all faces, where they are known.
    sizes: tuple[float, ...] = ()

    @classmethod
    def of(cls, stores: Sequence[FaceStore], recipe: Recipe) -> TrainingFaces:
        """The faces of some stores; each is split on its own, by the first detector's pictures.

        Raises InvalidLabels if there are too few to be split.
        """
        masks = [
            validation_mask(store.labels, store.cuts[0], recipe.validation_share, recipe.seed)
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
            stores=tuple(store.cuts for store in stores),
            training=np.flatnonzero(~held_back & found),
            validation=np.flatnonzero(held_back & found),
            sizes=tuple(size for store in stores for size in store.sizes),
        )

    @property
    def validation_labels(self) -> tuple[Label, ...]:
        """The labels of the faces held back."""
        return tuple(self.labels[index] for index in self.validation)

    @property
    def detectors(self) -> int:
        """How many detectors have cut every face."""
        return len(self.stores[0])

    def picture(self, index: int, detector: int = -1) -> Pixels:
        """The stored picture of a face, as one of the detectors cut it; the last one by default."""
        for cuts in self.stores:
            if index < len(cuts[detector]):
                return np.asarray(cuts[detector][index])
            index -= len(cuts[detector])
        raise IndexError(index)

    def crops(self, indices: Indices, side: int, batch: int) -> Iterator[Pixels]:
        """The last detector's canonical crops of some faces, unchanged, a batch at a time."""
        for start in range(0, len(indices), batch):
            chosen = indices[start : start + batch]
            yield np.stack([centre_crop(self.picture(index), side) for index in chosen])

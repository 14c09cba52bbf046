"""Age by one network and gender by another, each from its own crop."""

from collections.abc import Callable, Sequence
from typing import Generic

from webapp.vision.estimators.base import (
    Answer,
    Crops,
    Estimation,
    Estimator,
    Predictor,
    estimate_from_crops,
)
from webapp.vision.model_choice import ModelChoice
from webapp.vision.photo import Photo
from webapp.vision.types import AgeEstimate, Detection, Estimate, GenderEstimate, Pixels


class PairedEstimator:
    """Two networks, one per task."""

    def __init__(self, age: Predictor[AgeEstimate], gender: Predictor[GenderEstimate]) -> None:
        self._age = age
        self._gender = gender
        self.name = str(ModelChoice(age.name, gender.name))

    def estimate_faces(self, photo: Photo, faces: Sequence[Detection]) -> Estimation:
        """One estimate per face, in order."""
        ages, crops = estimate_from_crops(self._age, photo, faces)
        genders, gender_crops = estimate_from_crops(self._gender, photo, faces)
        estimates = [Estimate(*answers) for answers in zip(ages, genders, strict=True)]
        return Estimation(estimates, Crops(crops, gender_crops))

    def crops(self, photo: Photo, faces: Sequence[Detection]) -> Crops:
        """The crops of the faces for each network."""
        return Crops(self._age.crops(photo, faces), self._gender.crops(photo, faces))

    def estimate_crops(
        self, crops: Sequence[Pixels], gender_crops: Sequence[Pixels]
    ) -> list[Estimate]:
        """One estimate per pair of crops, one for each network."""
        answers = zip(self._age.estimate(crops), self._gender.estimate(gender_crops), strict=True)
        return [Estimate(age, gender) for age, gender in answers]


class PartOf(Generic[Answer]):
    """One part, age or gender, of the answers of an estimator that predicts both."""

    def __init__(self, estimator: Estimator, part: Callable[[Estimate], Answer]) -> None:
        self._estimator = estimator
        self._part = part
        self.name = estimator.name

    def crops(self, photo: Photo, faces: Sequence[Detection]) -> list[Pixels]:
        return self._estimator.crops(photo, faces)

    def estimate(self, crops: Sequence[Pixels]) -> list[Answer]:
        return [self._part(estimate) for estimate in self._estimator.estimate(crops)]

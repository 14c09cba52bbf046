"""Age by one network and gender by another, each from its own crop; or both by one network."""

from collections.abc import Callable, Sequence
from typing import Generic

from webapp.vision.estimators.base import Answer, Crops, Estimator, Predictor
from webapp.vision.model_choice import ModelChoice
from webapp.vision.photo import Photo
from webapp.vision.types import AgeEstimate, Detection, Estimate, GenderEstimate, Pixels


class PairedEstimator:
    """Two networks, one per task."""

    def __init__(self, age: Predictor[AgeEstimate], gender: Predictor[GenderEstimate]) -> None:
        self._age = age
        self._gender = gender
        self.name = str(ModelChoice(age.name, gender.name))

    def crops(self, photo: Photo, faces: Sequence[Detection]) -> Crops:
        """The crops of the faces for each network."""
        return Crops(self._age.crops(photo, faces), self._gender.crops(photo, faces))

    def estimate(self, crops: Crops) -> list[Estimate]:
        """One estimate per pair of crops, in order."""
        answers = zip(
            self._age.estimate(crops.age), self._gender.estimate(crops.gender), strict=True
        )
        return [Estimate(age, gender) for age, gender in answers]


def crops_of(
    estimator: Estimator | PairedEstimator, photo: Photo, faces: Sequence[Detection]
) -> Crops:
    """What one network or two see of the faces of a photo."""
    if isinstance(estimator, PairedEstimator):
        return estimator.crops(photo, faces)
    return Crops(estimator.crops(photo, faces))


def estimates_of(estimator: Estimator | PairedEstimator, crops: Crops) -> list[Estimate]:
    """The answers of one network or two for these crops, which may be none."""
    if not crops.age:
        return []
    if isinstance(estimator, PairedEstimator):
        return estimator.estimate(crops)
    return estimator.estimate(crops.age)


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

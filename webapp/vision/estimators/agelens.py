"""Agelens's own networks: one canonical crop in, years and gender out.

Made by ``agelens train``. A card's ``[input]`` gives the crop's side and whether each crop is also
seen mirrored; its ``[calibration]`` gives the temperatures that the logits are divided by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from webapp.vision.buckets import age_estimates
from webapp.vision.card import ModelCard
from webapp.vision.crop import crop_faces
from webapp.vision.errors import InvalidCard
from webapp.vision.inference import Network
from webapp.vision.photo import Photo
from webapp.vision.types import Detection, Estimate, GenderEstimate, Pixels

Values = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Calibration:
    """What logits are divided by before they become probabilities, and how much probability an
    interval of years must hold to be right nine times in ten; None if that was not measured.
    """

    age_temperature: float = 1.0
    gender_temperature: float = 1.0
    interval_mass: float | None = None


@dataclass(frozen=True)
class Logits:
    """What the network says of n faces: ``age`` (n, 101), years 0 to 100, and ``gender`` (n,),
    "female".
    """

    age: Values
    gender: Values

    @classmethod
    def of(cls, network: Network, crops: Sequence[Pixels], mirror: bool) -> "Logits":
        """The logits of some crops, computed as one batch; with ``mirror`` each is the mean of
        those of a crop and of its mirror image.
        """
        views = [*crops, *(crop[:, ::-1] for crop in crops)] if mirror else list(crops)
        answers = network.run(np.stack(views))
        logits = answers.reshape(-1, len(crops), answers.shape[1]).mean(axis=0)
        return cls(logits[:, :-1], logits[:, -1])

    def years(self, temperature: float = 1.0) -> Values:
        """Distributions over the years, shape (n, 101)."""
        scaled = self.age / temperature
        weights = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))

    def female(self, temperature: float = 1.0) -> Values:
        """The probability of "female", shape (n,)."""
        return np.asarray(0.5 * (1 + np.tanh(self.gender / (2 * temperature))))


class AgelensEstimator:
    """Age over years 0 to 100 and gender, calibrated. Raises InvalidCard if the card lacks
    what it needs.
    """

    def __init__(self, card: ModelCard, files: Mapping[str, Path]) -> None:
        self.name = card.name
        try:
            self._side = int(card.input["size"])
            self._mirror = bool(card.input["mirror"])
            self._calibration = Calibration(**card.calibration)
        except (KeyError, TypeError) as error:
            raise InvalidCard(f"{card.name}: {error}") from error
        self._network = Network.load(files["network"])

    def crops(self, photo: Photo, faces: Sequence[Detection]) -> list[Pixels]:
        """The canonical crop of each face."""
        return crop_faces(photo, faces, self._side)

    def estimate(self, crops: Sequence[Pixels]) -> list[Estimate]:
        """One estimate per crop."""
        if not crops:
            return []
        logits = Logits.of(self._network, crops, self._mirror)
        years = logits.years(self._calibration.age_temperature)
        females = logits.female(self._calibration.gender_temperature)
        return [
            Estimate(age, GenderEstimate(float(female)))
            for age, female in zip(
                age_estimates(years, self._calibration.interval_mass), females, strict=True
            )
        ]

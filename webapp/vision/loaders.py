"""Loads a detector or network from its card, by family."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, TypeVar

from webapp.vision.card import ModelCard
from webapp.vision.detectors.base import Detector
from webapp.vision.estimators.base import Estimator, Predictor
from webapp.vision.types import AgeEstimate, GenderEstimate

Loaded = TypeVar("Loaded")
Files = Mapping[str, Path]
"""Checked files by their names on the card."""
Load = Callable[[ModelCard, Files], Loaded]


@dataclass(frozen=True)
class Loaders:
    """Loaders by the family that a card names."""

    detectors: Mapping[str, Load[Detector]]
    # Families whose networks predict age and gender together.
    both: Mapping[str, Load[Estimator]]
    # Families with one network per task.
    age: Mapping[str, Load[Predictor[AgeEstimate]]] = field(default_factory=dict)
    gender: Mapping[str, Load[Predictor[GenderEstimate]]] = field(default_factory=dict)


def _on_demand(name: str) -> Load[Any]:
    """A loader for ``module:attribute``, imported on the first call, so that a process loads only
    the libraries that it uses.
    """

    def load(card: ModelCard, files: Files) -> Any:
        return resolve_name(name)(card, files)

    return load


LOADERS = Loaders(
    detectors={
        "retinaface": _on_demand("webapp.vision.detectors.retinaface:RetinafaceDetector"),
        "mtcnn": _on_demand("webapp.vision.detectors.mtcnn:MtcnnDetector"),
        "haar": _on_demand("webapp.vision.detectors.haar:HaarDetector"),
        "hog": _on_demand("webapp.vision.detectors.hog:HogDetector"),
    },
    both={
        "agelens": _on_demand("webapp.vision.estimators.agelens:AgelensEstimator"),
        "cydral": _on_demand("webapp.vision.estimators.cydral:CydralEstimator"),
    },
    age={"adience": _on_demand("webapp.vision.estimators.adience:AgeClassifier")},
    gender={"adience": _on_demand("webapp.vision.estimators.adience:GenderClassifier")},
)

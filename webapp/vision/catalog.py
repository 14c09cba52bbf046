"""From the model folders to estimators that are ready to use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from webapp.vision.analyzer import ModelShelf, Registry
from webapp.vision.card import ModelCard, read_card
from webapp.vision.detectors.base import Detector
from webapp.vision.errors import UnknownDetector
from webapp.vision.estimators.base import Estimator, Predictor
from webapp.vision.shelf import Families, Shelf
from webapp.vision.types import AgeEstimate, GenderEstimate


def _mtcnn() -> Detector:
    from webapp.vision.detectors.mtcnn import MtcnnDetector

    return MtcnnDetector()


def _haar() -> Detector:
    from webapp.vision.detectors.haar import HaarDetector

    return HaarDetector()


def _hog() -> Detector:
    from webapp.vision.detectors.hog import HogDetector

    return HogDetector()


def _cydral(card: ModelCard, files: dict[str, Path]) -> Estimator:
    from webapp.vision.estimators.cydral import CydralEstimator

    return CydralEstimator(card, files)


def _agelens(card: ModelCard, files: dict[str, Path]) -> Estimator:
    from webapp.vision.estimators.agelens import AgelensEstimator

    return AgelensEstimator(card, files)


def _adience_age(card: ModelCard, files: dict[str, Path]) -> Predictor[AgeEstimate]:
    from webapp.vision.estimators.adience import AgeClassifier

    return AgeClassifier.load(card, files)


def _adience_gender(card: ModelCard, files: dict[str, Path]) -> Predictor[GenderEstimate]:
    from webapp.vision.estimators.adience import GenderClassifier

    return GenderClassifier.load(card, files)


# Each imports its libraries when it is first built: a process pays only for what it uses.
DETECTORS: dict[str, Callable[[], Detector]] = {"mtcnn": _mtcnn, "haar": _haar, "hog": _hog}
FAMILIES = Families(
    whole={"agelens": _agelens, "cydral": _cydral},
    age={"adience": _adience_age},
    gender={"adience": _adience_gender},
)


@dataclass(frozen=True)
class CatalogOptions:
    """Which detector and network are the default, and where models are."""

    # The folder with one folder a network.
    models: Path
    detector: str = "mtcnn"
    model: str = "agelens"
    # Further folders with <model's name>/<file>, for files that the user installs; a folder with a
    # card.toml there is a network of the user's own.
    installed: Sequence[Path] = ()
    # Whether networks that can average over ten views of a face do so; None leaves it to each card.
    oversample: bool | None = None


def read_cards(options: CatalogOptions) -> dict[str, ModelCard]:
    """Every network's card by its name; of two with one name the user's own wins.

    Raises InvalidCard.
    """
    folders = [options.models, *reversed(options.installed)]
    paths = (path for folder in folders for path in sorted(folder.glob("*/card.toml")))
    cards = (_with_oversampling(read_card(path.parent), options.oversample) for path in paths)
    return {card.name: card for card in cards}


def build_shelf(options: CatalogOptions) -> Shelf:
    """Every network, not loaded yet. Raises InvalidCard."""
    return Shelf(read_cards(options), FAMILIES, options.installed)


def build_registry(options: CatalogOptions) -> Registry:
    """The registry of every detector and network, the defaults first; nothing is loaded yet.

    Raises InvalidCard, UnknownDetector or UnknownModel.
    """
    if options.detector not in DETECTORS:
        raise UnknownDetector(f"There is no detector “{options.detector}”.")
    shelf = build_shelf(options)
    shelf.choice(options.model)
    return Registry(
        detectors={name: DETECTORS[name] for name in _first(options.detector, DETECTORS)},
        models={
            name: partial(shelf.estimator, name) for name in _first(options.model, shelf.names)
        },
        shelf=ModelShelf(shelf.estimator, shelf.missing, shelf.cards),
    )


def _first(name: str, names: Iterable[str]) -> list[str]:
    return [name, *(other for other in names if other != name)]


def _with_oversampling(card: ModelCard, oversample: bool | None) -> ModelCard:
    if oversample is None:
        return card
    return replace(card, input={**card.input, "oversample": oversample})

"""From the model folders to estimators that are ready to use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from webapp.vision.analyzer import Registry
from webapp.vision.card import ModelCard, read_card, verified_files
from webapp.vision.detectors.base import Detector
from webapp.vision.errors import InvalidCard, UnknownDetector, UnknownModel
from webapp.vision.estimators.base import Estimator


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


Part = TypeVar("Part")

# Each imports its libraries when it is first built: a process pays only for what it uses.
DETECTORS: dict[str, Callable[[], Detector]] = {"mtcnn": _mtcnn, "haar": _haar, "hog": _hog}
FAMILIES: dict[str, Callable[[ModelCard, dict[str, Path]], Estimator]] = {
    "agelens": _agelens,
    "cydral": _cydral,
}


@dataclass(frozen=True)
class CatalogOptions:
    """Which detector and network are the default, and where models are."""

    # The folder with one folder a network.
    models: Path
    detector: str = "mtcnn"
    model: str = "cydral"
    # Further folders with <model's name>/<file>, for files that the user installs.
    installed: Sequence[Path] = ()


def read_cards(models: Path) -> dict[str, ModelCard]:
    """Every network's card by its name. Raises InvalidCard."""
    cards = (read_card(path.parent) for path in sorted(models.glob("*/card.toml")))
    return {card.name: card for card in cards}


def build_estimator(card: ModelCard, installed: Sequence[Path] = ()) -> Estimator:
    """Verify a network's files and load it.

    Raises InvalidCard, ModelFileMissing or ModelFileCorrupt.
    """
    if card.family not in FAMILIES:
        raise InvalidCard(f"{card.name}: there is no network family {card.family!r}")
    return FAMILIES[card.family](card, verified_files(card, installed))


def build_registry(options: CatalogOptions) -> Registry:
    """The registry of every detector and network, the defaults first; nothing is loaded yet.

    Raises InvalidCard, UnknownDetector or UnknownModel.
    """
    cards = read_cards(options.models)
    if options.detector not in DETECTORS:
        raise UnknownDetector(f"There is no detector “{options.detector}”.")
    if options.model not in cards:
        raise UnknownModel(f"There is no network “{options.model}”.")
    models: dict[str, Callable[[], Estimator]] = {
        name: partial(build_estimator, card, options.installed) for name, card in cards.items()
    }
    return Registry(_first(DETECTORS, options.detector), _first(models, options.model))


def _first(parts: Mapping[str, Part], name: str) -> dict[str, Part]:
    return {name: parts[name], **parts}

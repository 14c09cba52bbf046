"""Makes the detectors and networks for the app and the command line from the settings."""

import sys
from dataclasses import replace
from pathlib import Path

from webapp.albums.queue import AlbumQueue
from webapp.assets import directory
from webapp.results.store.result_store import ResultStore
from webapp.settings import Settings
from webapp.vision.card import ModelCard, read_cards
from webapp.vision.models import Defaults, ModelRegistry


def build_registry(settings: Settings, oversample: bool | None = None) -> ModelRegistry:
    """Every detector and network, the settings' choices first; each is loaded when first used.

    ``oversample`` says whether networks average over ten views per face, if they can; None
    means as on their cards. Raises InvalidCard, UnknownDetector or UnknownModel.
    """
    installed = installed_folders(settings)
    # The user's own cards win, those of AGELENS_MODELS_DIR first.
    cards = read_cards([directory("models"), *reversed(installed)])
    if oversample is not None:
        cards = {name: _oversampled(card, oversample) for name, card in cards.items()}
    return ModelRegistry(cards, installed, Defaults(settings.detector, settings.model))


def refuse_unusable(settings: Settings) -> None:
    """Raises StoreUnavailable or InvalidSetting if the store or the queue can never be reached.

    That is, if an address is invalid or its package is not installed. A server that is down may
    come back.
    """
    ResultStore(settings.store_address("results"), settings.keep)
    AlbumQueue(settings)


def installed_folders(settings: Settings) -> list[Path]:
    """Where files that users install are looked for; new ones go into the first. The last is that
    of the environment agelens runs in, for files that come with an installation.
    """
    own = [settings.models_dir] if settings.models_dir is not None else []
    return [*own, settings.data_dir / "models", Path(sys.prefix) / "share" / "agelens" / "models"]


def _oversampled(card: ModelCard, oversample: bool) -> ModelCard:
    return replace(card, input={**card.input, "oversample": oversample})

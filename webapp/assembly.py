"""From settings to the detectors and networks that the app and the command line share."""

from __future__ import annotations

from webapp.assets import directory
from webapp.settings import Settings
from webapp.vision.analyzer import Registry
from webapp.vision.catalog import CatalogOptions
from webapp.vision.catalog import build_registry as build_from_catalog


def build_registry(settings: Settings) -> Registry:
    """Every detector and network, the settings' choices first; each is loaded when first used.

    Raises InvalidCard, UnknownDetector or UnknownModel.
    """
    installed = [settings.data_dir / "models"]
    if settings.models_dir is not None:
        installed.insert(0, settings.models_dir)
    return build_from_catalog(
        CatalogOptions(
            models=directory("models"),
            detector=settings.detector,
            model=settings.model,
            installed=tuple(installed),
        )
    )

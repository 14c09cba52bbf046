"""From settings to the detectors and networks that the app and the command line share."""

from __future__ import annotations

from dataclasses import replace

from webapp.assets import directory
from webapp.settings import Settings
from webapp.vision.analyzer import Registry
from webapp.vision.catalog import CatalogOptions
from webapp.vision.catalog import build_registry as build_from_catalog


def build_registry(settings: Settings, oversample: bool | None = None) -> Registry:
    """Every detector and network, the settings' choices first; each is loaded when first used.

    Raises InvalidCard, UnknownDetector or UnknownModel.
    """
    return build_from_catalog(replace(catalog_options(settings), oversample=oversample))


def catalog_options(settings: Settings) -> CatalogOptions:
    """Where networks are and which are the defaults, as the settings say."""
    installed = [settings.data_dir / "models"]
    if settings.models_dir is not None:
        installed.insert(0, settings.models_dir)
    return CatalogOptions(
        models=directory("models"),
        detector=settings.detector,
        model=settings.model,
        installed=tuple(installed),
    )

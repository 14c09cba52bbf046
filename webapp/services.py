"""What views work with: one typed object per app, and the one function that hands it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Flask, current_app

if TYPE_CHECKING:  # the packages named here import this module
    from webapp.albums.service import AlbumService
    from webapp.metrics import Metrics
    from webapp.settings import Settings
    from webapp.vision.models import ModelRegistry
    from webapp.web.accounts.service import AccountService
    from webapp.web.service import PhotoService

_KEY = "agelens"


@dataclass(frozen=True)
class Services:
    """The parts of an app, made once by ``webapp.app`` and shared by its threads."""

    settings: Settings
    registry: ModelRegistry
    photos: PhotoService
    albums: AlbumService
    metrics: Metrics
    # None where nobody signs in.
    accounts: AccountService | None = None


def provide(app: Flask, parts: Services) -> None:
    """Let ``services()`` hand these out wherever this app is at work."""
    app.extensions[_KEY] = parts


def services(app: Flask | None = None) -> Services:
    """The services of an app; without one, of the app that the current request is for."""
    found: Services = (app or current_app).extensions[_KEY]
    return found

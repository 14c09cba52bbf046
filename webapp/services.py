"""The services that views use: one typed object per app, and the function that returns it."""

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
    from webapp.web.photo_service import PhotoService

_KEY = "agelens"


@dataclass(frozen=True)
class Services:
    """The services of an app, created once by ``webapp.app`` and shared by its threads."""

    settings: Settings
    registry: ModelRegistry
    photos: PhotoService
    albums: AlbumService
    metrics: Metrics
    # None if nobody signs in.
    accounts: AccountService | None = None


def provide(app: Flask, parts: Services) -> None:
    """Make ``services()`` return these within this app."""
    app.extensions[_KEY] = parts


def services(app: Flask | None = None) -> Services:
    """The services of ``app``, or of the app that handles the current request."""
    found: Services = (app or current_app).extensions[_KEY]
    return found

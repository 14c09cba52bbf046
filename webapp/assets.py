"""Locates templates, static files, translations and models: in a checkout, or inside the wheel."""

from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).resolve().parent


def directory(name: Literal["templates", "static", "translations", "models"]) -> Path:
    """The directory of that name that belongs to this installation."""
    installed = _PACKAGE / "_assets" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name

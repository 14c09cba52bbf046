"""The networks and detectors of this installation, each loaded once for all tests."""

from webapp.assembly import build_registry
from webapp.settings import Settings

REGISTRY = build_registry(Settings())

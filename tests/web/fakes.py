"""A hand-written detector and network: real photos in, canned faces out."""

import threading
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from flask import Flask

from tests.waiting import PATIENCE
from webapp.app import create_app
from webapp.settings import Settings
from webapp.vision.buckets import BUCKETS
from webapp.vision.card import Accuracy, Kind, ModelCard, ModelFile
from webapp.vision.detectors.base import DetectionOptions, DetectionSettings
from webapp.vision.loaders import Loaders
from webapp.vision.models import Defaults, ModelRegistry
from webapp.vision.photo import Photo
from webapp.vision.types import (
    AgeEstimate,
    Box,
    Detection,
    Estimate,
    GenderEstimate,
    Landmarks,
    Pixels,
)

SURE = AgeEstimate(
    dict(zip(BUCKETS, (0.0, 0.0, 0.01, 0.12, 0.73, 0.11, 0.02, 0.01), strict=True)), 28.4, (18, 37)
)
UNSURE = AgeEstimate(
    dict(zip(BUCKETS, (0.0, 0.0, 0.03, 0.38, 0.41, 0.11, 0.05, 0.02), strict=True)), None
)

ONE_FACE = ((0.35, 0.15, 0.3, 0.3),)
TWO_FACES = (*ONE_FACE, (0.05, 0.5, 0.2, 0.25))


class FakeDetector:
    """Finds faces at fixed places of any photo, as shares of its size."""

    settings = DetectionSettings(threshold=0.8, lower_threshold=0.5)

    def __init__(
        self, name: str = "mtcnn", shares: Sequence[tuple[float, float, float, float]] = ()
    ) -> None:
        self.name = name
        self.shares = shares
        # Places that it is not sure of.
        self.unsure: Sequence[tuple[float, float, float, float]] = ()
        # Whether it finds faces in portraits alone.
        self.upright = False
        self.asked: list[tuple[Photo, DetectionOptions]] = []

    def detect(self, photo: Photo, options: DetectionOptions) -> list[Detection]:
        self.asked.append((photo, options))
        if self.upright and photo.width > photo.height:
            return []
        found = [self._detection(photo, share) for share in self.shares]
        found += [replace(self._detection(photo, share), confidence=0.6) for share in self.unsure]
        least = self.settings.threshold if options.threshold is None else options.threshold
        return [face for face in found if face.confidence >= least]

    def _detection(self, photo: Photo, share: tuple[float, float, float, float]) -> Detection:
        x, y = int(share[0] * photo.width), int(share[1] * photo.height)
        width, height = int(share[2] * photo.width) or 1, int(share[3] * photo.height) or 1
        eyes = y + height // 3
        landmarks = Landmarks(
            (x + width // 3, eyes),
            (x + 2 * width // 3, eyes),
            (x + width // 2, y + height // 2),
            (x + width // 3, y + 3 * height // 4),
            (x + 2 * width // 3, y + 3 * height // 4),
        )
        return Detection(Box(x, y, width, height), 0.9987, landmarks)


class WaitingDetector(FakeDetector):
    """Stays in a photo until it is told to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go_on = threading.Event(), threading.Event()

    def detect(self, photo: Photo, options: DetectionOptions) -> list[Detection]:
        self.begun.set()
        assert self.go_on.wait(PATIENCE)
        return super().detect(photo, options)


class FakeEstimator:
    """Says that the first face is surely 25-32 and every other one uncertain."""

    def __init__(self, name: str = "cydral") -> None:
        self.name = name

    def crops(self, photo: Photo, faces: Sequence[Detection]) -> list[Pixels]:
        return [
            photo.pixels[face.box.y : face.box.bottom, face.box.x : face.box.right].copy()
            for face in faces
        ]

    def estimate(self, crops: Sequence[Pixels]) -> list[Estimate]:
        first = [Estimate(SURE, GenderEstimate(0.02))]
        return (first + [Estimate(UNSURE, GenderEstimate(0.98))] * len(crops))[: len(crops)]


def registry_of(*detectors: FakeDetector, models: Sequence[str] = ("cydral",)) -> ModelRegistry:
    """A registry of fakes, the first ones being the default."""
    cards = [card(detector.name, kind="detector") for detector in detectors]
    return registry_with(detectors, [*cards, *map(card, models)])


def registry_with(detectors: Sequence[FakeDetector], cards: Sequence[ModelCard]) -> ModelRegistry:
    """The same from cards; those of networks are answered for by ``FakeEstimator``."""
    known = {detector.name: detector for detector in detectors}
    loaders = Loaders(
        detectors={name: lambda card, _files: known[card.name] for name in known},
        both={card.family: lambda card, _files: FakeEstimator(card.name) for card in cards},
    )
    network = next(card.name for card in cards if card.kind == "network")
    defaults = Defaults(detectors[0].name, network)
    return ModelRegistry({card.name: card for card in cards}, (), defaults, loaders)


def app_with(settings: Settings, *detectors: FakeDetector, **changes: Any) -> Flask:
    """An app over fakes, with some settings changed; its own detector never finds anything."""
    registry = registry_of(*(detectors or (FakeDetector(),)))
    return create_app(replace(settings, **changes), registry=registry)


def card(name: str, kind: Kind = "network", missing: str = "") -> ModelCard:
    """A card without files, or with one of that name which is missing."""
    return ModelCard(
        name=name,
        kind=kind,
        title=name,
        family=name,
        tasks=("age", "gender"),
        licence="CC0-1.0",
        source="a test",
        summary="A fake.",
        version="1",
        files=(ModelFile("file", missing, ""),) if missing else (),
        folder=Path("nowhere"),
        input={},
        accuracy=Accuracy(),
        calibration={},
        detection=asdict(FakeDetector.settings),
    )

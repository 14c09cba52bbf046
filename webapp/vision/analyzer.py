"""From a photo to its analysis: a detector, a network, and the registry that holds one of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

from webapp.vision.detectors.base import DetectionOptions, Detector
from webapp.vision.errors import UnknownDetector, UnknownModel
from webapp.vision.estimators.base import Estimator
from webapp.vision.photo import Photo
from webapp.vision.types import Analysis, Face, Pixels


@dataclass(frozen=True, eq=False)
class Examination:
    """An analysis together with the crops that the network saw, one RGB ``uint8`` array a face."""

    analysis: Analysis
    crops: tuple[Pixels, ...]


class Analyzer:
    """One detector and one network."""

    def __init__(self, detector: Detector, estimator: Estimator) -> None:
        self._detector = detector
        self._estimator = estimator

    def analyze(self, photo: Photo, options: DetectionOptions | None = None) -> Analysis:
        """Find every face in a photo and estimate its age and gender."""
        return self.examine(photo, options).analysis

    def examine(self, photo: Photo, options: DetectionOptions | None = None) -> Examination:
        """The same, keeping the crops."""
        options = options or DetectionOptions()
        started = time.perf_counter()
        detections = self._detector.detect(photo, options)[: options.maximum_faces]
        detected = time.perf_counter()
        crops = self._estimator.crops(photo, detections)
        estimates = self._estimator.estimate(crops) if crops else []
        estimated = time.perf_counter()
        faces = tuple(
            Face(detection, estimate.age, estimate.gender)
            for detection, estimate in zip(detections, estimates, strict=True)
        )
        analysis = Analysis(
            width=photo.width,
            height=photo.height,
            detector=self._detector.name,
            model=self._estimator.name,
            faces=faces,
            timings_ms={
                "detect": round(1000 * (detected - started), 1),
                "estimate": round(1000 * (estimated - detected), 1),
            },
        )
        return Examination(analysis, tuple(crops))


Part = TypeVar("Part")


class _Built(Generic[Part]):
    """Parts by name, each built once, when it is first asked for."""

    def __init__(self, builders: Mapping[str, Callable[[], Part]]) -> None:
        self._builders = builders
        self._parts: dict[str, Part] = {}
        self._lock = Lock()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._builders)

    def get(self, name: str) -> Part:
        with self._lock:
            if name not in self._parts:
                self._parts[name] = self._builders[name]()
            return self._parts[name]


class Registry:
    """Every detector and network that a process offers, each built once and shared by its threads.

    The first of each is the default.
    """

    def __init__(
        self,
        detectors: Mapping[str, Callable[[], Detector]],
        models: Mapping[str, Callable[[], Estimator]],
    ) -> None:
        self._detectors = _Built(detectors)
        self._models = _Built(models)

    @property
    def detectors(self) -> tuple[str, ...]:
        """Names of the detectors, the default first."""
        return self._detectors.names

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the networks, the default first."""
        return self._models.names

    def analyzer(self, detector: str | None = None, model: str | None = None) -> Analyzer:
        """The analyzer of two names; None means the default.

        Raises UnknownDetector or UnknownModel, and whatever building a part raises
        (ModelFileMissing, ModelFileCorrupt).
        """
        self.check(detector, model)
        return Analyzer(
            self._detectors.get(detector or self.detectors[0]),
            self._models.get(model or self.models[0]),
        )

    def check(self, detector: str | None, model: str | None) -> None:
        """Whether both exist, without building them. Raises UnknownDetector or UnknownModel."""
        if detector is not None and detector not in self.detectors:
            raise UnknownDetector(
                f"There is no detector “{detector}”; choose one of {', '.join(self.detectors)}."
            )
        if model is not None and model not in self.models:
            raise UnknownModel(
                f"There is no network “{model}”; choose one of {', '.join(self.models)}."
            )

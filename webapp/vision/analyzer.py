"""From a photo to its analysis: a detector, a network, and the registry that holds one of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

from webapp.vision.card import ModelCard
from webapp.vision.detectors.base import DetectionOptions, Detector
from webapp.vision.detectors.face_crop import FaceCropDetector
from webapp.vision.errors import UnknownDetector, UnknownModel
from webapp.vision.estimators.base import Estimation, Estimator, estimate_from_crops
from webapp.vision.estimators.pair import PairedEstimator
from webapp.vision.model_choice import ModelChoice
from webapp.vision.photo import Photo
from webapp.vision.types import Analysis, Detection, Face, Pixels


@dataclass(frozen=True, eq=False)
class Examination:
    """An analysis together with the crops that the networks saw, one RGB ``uint8`` array a face."""

    analysis: Analysis
    # What the network saw; where there are two, what the age network saw.
    crops: tuple[Pixels, ...]
    # What the gender network saw, where it is another network.
    gender_crops: tuple[Pixels, ...] = ()


class Analyzer:
    """One detector and one network, or a network for each of the two tasks."""

    def __init__(
        self, detector: Detector, estimator: Estimator | PairedEstimator, version: str = ""
    ) -> None:
        self._detector = detector
        self._estimator = estimator
        self._version = version

    def for_crops(self) -> Analyzer:
        """The same for pictures that are one face crop each, however tightly cut."""
        return Analyzer(FaceCropDetector(self._detector), self._estimator, self._version)

    def analyze(self, photo: Photo, options: DetectionOptions | None = None) -> Analysis:
        """Find every face in a photo and estimate its age and gender."""
        return self.examine(photo, options).analysis

    def examine(self, photo: Photo, options: DetectionOptions | None = None) -> Examination:
        """The same, keeping the crops."""
        options = options or DetectionOptions()
        started = time.perf_counter()
        detections = self._detector.detect(photo, options)[: options.maximum_faces]
        detected = time.perf_counter()
        estimation = self._estimate(photo, detections)
        estimated = time.perf_counter()
        faces = tuple(
            Face(detection, estimate.age, estimate.gender)
            for detection, estimate in zip(detections, estimation.estimates, strict=True)
        )
        analysis = Analysis(
            width=photo.width,
            height=photo.height,
            detector=self._detector.name,
            model=self._estimator.name,
            model_version=self._version,
            faces=faces,
            timings_ms={
                "detect": round(1000 * (detected - started), 1),
                "estimate": round(1000 * (estimated - detected), 1),
            },
        )
        return Examination(analysis, tuple(estimation.crops), tuple(estimation.gender_crops))

    def _estimate(self, photo: Photo, detections: Sequence[Detection]) -> Estimation:
        if isinstance(self._estimator, PairedEstimator):
            return self._estimator.estimate_faces(photo, detections)
        estimates, crops = estimate_from_crops(self._estimator, photo, detections)
        return Estimation(estimates, crops)


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


AnyEstimator = Estimator | PairedEstimator


def _nothing_missing(_model: str) -> str | None:
    return None


@dataclass(frozen=True)
class ModelShelf:
    """What a registry knows of networks beyond the list of those that it offers."""

    # From "age=NAME,gender=NAME" to those two networks; None where none can be combined.
    combine: Callable[[str], AnyEstimator] | None = None
    # From a network's name to the sentence that says which file is missing, or None.
    missing: Callable[[str], str | None] = _nothing_missing
    # Every network's card by its name.
    cards: Mapping[str, ModelCard] = field(default_factory=dict)


class Registry:
    """Every detector and network that a process offers, each built once and shared by its threads.

    The first of each is the default.
    """

    def __init__(
        self,
        detectors: Mapping[str, Callable[[], Detector]],
        models: Mapping[str, Callable[[], AnyEstimator]],
        shelf: ModelShelf | None = None,
    ) -> None:
        self._detectors = _Built(detectors)
        self._models = _Built(models)
        self._shelf = shelf or ModelShelf()

    @property
    def detectors(self) -> tuple[str, ...]:
        """Names of the detectors, the default first."""
        return self._detectors.names

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the networks, the default first."""
        return self._models.names

    def analyzer(self, detector: str | None = None, model: str | None = None) -> Analyzer:
        """The analyzer of two names; None means the default. ``model`` is one name, or
        ``age=NAME,gender=NAME`` for two networks.

        Raises UnknownDetector or UnknownModel, and whatever building a part raises
        (ModelFileMissing, ModelFileCorrupt).
        """
        name = model or self.models[0]
        return Analyzer(self.detector(detector), self._estimator(name), self._version(name))

    def detector(self, name: str | None = None) -> Detector:
        """The detector of a name; None means the default. Raises UnknownDetector."""
        if name is not None and name not in self.detectors:
            raise UnknownDetector(
                f"There is no detector “{name}”; choose one of {', '.join(self.detectors)}."
            )
        return self._detectors.get(name or self.detectors[0])

    def missing(self, model: str) -> str | None:
        """Why a network cannot be used: the sentence of ModelFileMissing, or None where it can.

        Looks for files only, so it is cheap; a file that was installed meanwhile is seen.
        """
        return self._shelf.missing(model)

    @property
    def cards(self) -> Mapping[str, ModelCard]:
        """Every network's card by its name."""
        return self._shelf.cards

    def _version(self, model: str) -> str:
        """The version on the network's card, or ``age=1,gender=2`` for two networks."""
        choice = ModelChoice.parse(model)
        known = (choice.age, choice.gender)
        versions = [self.cards[name].version if name in self.cards else "" for name in known]
        return str(ModelChoice(*versions))

    def _estimator(self, model: str) -> AnyEstimator:
        if model in self.models:
            return self._models.get(model)
        if self._shelf.combine is not None and "=" in model:
            return self._shelf.combine(model)
        raise UnknownModel(
            f"There is no network “{model}”; choose one of {', '.join(self.models)}."
        )

"""From a photo to its analysis, by one detector and one network."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from webapp.vision.detectors.base import DetectionOptions, Detector
from webapp.vision.detectors.face_crop import FaceCropDetector
from webapp.vision.estimators.base import Estimation, Estimator, estimate_from_crops
from webapp.vision.estimators.pair import PairedEstimator
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

    @property
    def detector_name(self) -> str:
        """The name of the detector that looks."""
        return self._detector.name

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
        found, possible = self._faces(photo, options)
        detections = found[: options.maximum_faces]
        detected = time.perf_counter()
        estimation = self._estimate(photo, detections)
        estimated = time.perf_counter()
        faces = tuple(
            Face.of(detection, estimate)
            for detection, estimate in zip(detections, estimation.estimates, strict=True)
        )
        analysis = Analysis(
            width=photo.width,
            height=photo.height,
            detector=self._detector.name,
            model=self._estimator.name,
            model_version=self._version,
            faces=faces,
            faces_left_out=len(found) - len(detections),
            possible_faces=possible,
            timings_ms={
                "detect": round(1000 * (detected - started), 1),
                "estimate": round(1000 * (estimated - detected), 1),
            },
        )
        return Examination(analysis, tuple(estimation.crops), tuple(estimation.gender_crops))

    def _faces(self, photo: Photo, options: DetectionOptions) -> tuple[list[Detection], int]:
        """The faces, and how many more there may be: between the detector's two thresholds."""
        settings = self._detector.settings.with_options(options)
        least = min(settings.threshold, settings.lower_threshold)
        found = self._detector.detect(photo, replace(options, threshold=least))
        faces = [face for face in found if face.confidence >= settings.threshold]
        return faces, len(found) - len(faces)

    def _estimate(self, photo: Photo, detections: Sequence[Detection]) -> Estimation:
        if isinstance(self._estimator, PairedEstimator):
            return self._estimator.estimate_faces(photo, detections)
        estimates, crops = estimate_from_crops(self._estimator, photo, detections)
        return Estimation(estimates, crops)

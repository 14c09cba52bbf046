"""From a photo's bytes to its analysis, by one detector and one network."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from webapp.vision.decode import PhotoLimits, decode
from webapp.vision.detectors.base import DetectionOptions, Detector
from webapp.vision.detectors.drawn_box import face_in_box
from webapp.vision.detectors.face_crop import FaceCropDetector
from webapp.vision.estimators.base import Crops, Estimator
from webapp.vision.estimators.pair import PairedEstimator, crops_of, estimates_of
from webapp.vision.occlusion import Sensitivity, sensitivities
from webapp.vision.photo import Photo
from webapp.vision.turning import upright_turn
from webapp.vision.types import Analysis, Box, Detection, Face

Turn = int | None
"""Quarter turns clockwise, 0 to 3; None: the one that shows faces upright."""


@dataclass(frozen=True, eq=False)
class Examination:
    """An analysis, the photo as it was analysed, and what the networks saw of each face."""

    photo: Photo
    analysis: Analysis
    crops: Crops


@dataclass(frozen=True)
class _Found:
    """The faces of a photo, the most confident first, and how long it took to find them.

    ``possible`` is how many more there may be: what lies between the detector's two thresholds.
    """

    faces: tuple[Detection, ...]
    possible: int
    seconds: float


class Analyzer:
    """One detector and one network, or one network per task."""

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

    def for_crops(self) -> "Analyzer":
        """The same for pictures that each are one face crop, however tight."""
        return Analyzer(FaceCropDetector(self._detector), self._estimator, self._version)

    def analyze(self, photo: Photo, options: DetectionOptions | None = None) -> Analysis:
        """Find every face in a photo and estimate its age and gender."""
        return self.examine(photo, options).analysis

    def examine_bytes(
        self, data: bytes, limits: PhotoLimits, options: DetectionOptions, turn: Turn = 0
    ) -> Examination:
        """Decode a photo, turn it, and examine it. The time for decoding leads the analysis's
        timings. Raises what ``decode`` raises.
        """
        started = time.perf_counter()
        photo = decode(data, limits)
        decoding = _milliseconds(time.perf_counter() - started)
        examination = self.examine(photo, options, turn)
        timings = {"decode": decoding, **examination.analysis.timings_ms}
        analysis = replace(examination.analysis, timings_ms=timings)
        return replace(examination, analysis=analysis)

    def examine(
        self, photo: Photo, options: DetectionOptions | None = None, turn: Turn = 0
    ) -> Examination:
        """Turn a photo, find every face in it and estimate its age and gender."""
        options = options or DetectionOptions()
        if turn is None:
            turn, photo, found = self._find_upright(photo, options)
        else:
            photo = photo.turned(turn) if turn else photo
            found = self._find(photo, options)
        examination = self._examine_faces(photo, found, options.maximum_faces)
        analysis = replace(examination.analysis, quarter_turns=turn)
        return replace(examination, analysis=analysis)

    def examine_box(self, photo: Photo, box: Box) -> Examination:
        """Estimate age and gender of the one face in a box that a person drew."""
        started = time.perf_counter()
        detection = face_in_box(photo, box, self._detector)
        found = _Found((detection,), 0, time.perf_counter() - started)
        examination = self._examine_faces(photo, found, most=1)
        analysis = examination.analysis
        face = replace(analysis.faces[0], detection_confidence=None)
        return replace(examination, analysis=replace(analysis, faces=(face,)))

    def crops(self, photo: Photo, faces: Sequence[Face]) -> Crops:
        """What the networks saw of faces that were found in this photo before."""
        detections = [
            Detection(face.box, face.detection_confidence or 1.0, face.landmarks) for face in faces
        ]
        return crops_of(self._estimator, photo, detections)

    def explain(self, photo: Photo, face: Face) -> tuple[Sensitivity, Sensitivity]:
        """Where in its crop the age and the gender of a face of this photo come from."""
        return sensitivities(self._estimator, self.crops(photo, [face]))

    def _find(self, photo: Photo, options: DetectionOptions) -> _Found:
        """The faces of a photo, and how many more there may be."""
        started = time.perf_counter()
        settings = self._detector.settings.with_options(options)
        least = min(settings.threshold, settings.lower_threshold)
        found = self._detector.detect(photo, replace(options, threshold=least))
        faces = tuple(face for face in found if face.confidence >= settings.threshold)
        return _Found(faces, len(found) - len(faces), time.perf_counter() - started)

    def _find_upright(self, photo: Photo, options: DetectionOptions) -> tuple[int, Photo, _Found]:
        """The quarter turns clockwise after which a photo is upright, the photo turned by them, and
        the faces that are found in it then.
        """
        started = time.perf_counter()
        found = self._find(photo, options)
        turns = upright_turn(self._detector, photo, found.faces, options)
        if turns:
            photo = photo.turned(turns)
            found = self._find(photo, options)
        return turns, photo, replace(found, seconds=time.perf_counter() - started)

    def _examine_faces(self, photo: Photo, found: _Found, most: int) -> Examination:
        """Estimate age and gender of at most ``most`` of the faces found in a photo."""
        detections = found.faces[:most]
        started = time.perf_counter()
        crops = crops_of(self._estimator, photo, detections)
        estimates = estimates_of(self._estimator, crops)
        estimated = time.perf_counter()
        faces = tuple(
            Face.of(detection, estimate)
            for detection, estimate in zip(detections, estimates, strict=True)
        )
        analysis = Analysis(
            width=photo.width,
            height=photo.height,
            detector=self._detector.name,
            model=self._estimator.name,
            model_version=self._version,
            faces=faces,
            faces_left_out=len(found.faces) - len(detections),
            possible_faces=found.possible,
            timings_ms={
                "detect": _milliseconds(found.seconds),
                "estimate": _milliseconds(estimated - started),
            },
        )
        return Examination(photo, analysis, crops)


def _milliseconds(seconds: float) -> float:
    return round(1000 * seconds, 1)

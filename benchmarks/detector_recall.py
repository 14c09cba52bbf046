"""Recall, precision and speed of the face detector against the ``mtcnn`` package as it comes.

    python -m benchmarks.detector_recall BOXES.csv [--ours PIXELS:MINIMUM_FACE ...]

``BOXES.csv`` is a file for ``agelens compare --boxes``, its paths relative to its folder, and the
measures are the same; a last line per detector tells how well its boxes fit those of the first one.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from webapp.assets import directory
from webapp.evaluation.recall import DetectorScore, match, read_boxes, recall_tables, score_photo
from webapp.vision.card import read_cards
from webapp.vision.detectors.base import DetectionOptions, DetectionSettings, Detector
from webapp.vision.models import ModelRegistry
from webapp.vision.photo import Photo
from webapp.vision.types import Box, Detection


class PackageAsItComes:
    """The ``mtcnn`` package, whatever the options."""

    name = "mtcnn package"
    settings = DetectionSettings()

    def __init__(self) -> None:
        from mtcnn import MTCNN

        self._detector = MTCNN()

    def detect(self, photo: Photo, _options: DetectionOptions) -> list[Detection]:
        found = self._detector.detect_faces(photo.pixels)
        return [Detection(Box(*face["box"]), float(face["confidence"])) for face in found]


@dataclass(frozen=True)
class Contender:
    """A detector and how it is to look."""

    name: str
    detector: Detector
    options: DetectionOptions


def contenders(ours: list[str], without_package: bool) -> Iterator[Contender]:
    """The package, unless it is left out, and our detector with each of ``PIXELS:MINIMUM_FACE``."""
    if not without_package:
        yield Contender(PackageAsItComes.name, PackageAsItComes(), DetectionOptions())
    detector = ModelRegistry(read_cards([directory("models")])).detector("mtcnn")
    for text in ours:
        pixels, minimum_face = map(int, text.split(":"))
        yield Contender(f"ours {text}", detector, DetectionOptions(pixels, minimum_face))


def compare(boxes: Path, detectors: list[Contender]) -> Iterator[str]:
    """Every detector on every photo in turn, as tables, and how their boxes fit the first's."""
    scores = [DetectorScore(one.name) for one in detectors]
    fits: dict[str, list[float]] = {one.name: [] for one in detectors}
    for path, faces in read_boxes(boxes).items():
        photo = Photo.of(np.asarray(Image.open(boxes.parent / path).convert("RGB")))
        for score, one in zip(scores, detectors, strict=True):
            score_photo(score, one.detector, photo, faces, one.options)
        reference, *others = (one.detector.detect(photo, one.options) for one in detectors)
        for one, found in zip(detectors[1:], others, strict=True):
            pairs = match([face.box for face in reference], found)
            fits[one.name] += [reference[i].box.iou(found[j].box) for i, j in pairs]
    yield recall_tables(scores)
    for name, ious in fits.items():
        if ious:
            close = np.mean(np.array(ious) >= 0.9)
            yield f"{name}: {close:.1%} of {len(ious)} boxes overlap the first's by 0.9 or more"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("boxes", type=Path)
    parser.add_argument("--ours", nargs="*", default=["1166080:28"])
    parser.add_argument("--without-package", action="store_true", help="measure ours alone")
    arguments = parser.parse_args()
    detectors = list(contenders(arguments.ours, arguments.without_package))
    print("\n".join(compare(arguments.boxes, detectors)))


if __name__ == "__main__":
    main()

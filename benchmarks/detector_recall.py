"""Recall, precision and speed of the face detector against the ``mtcnn`` package as it comes.

    python benchmarks/detector_recall.py BOXES.csv [--ours PIXELS:MINIMUM_FACE ...]

``BOXES.csv`` has the columns path (relative to the file), x, y, w, h in pixels and, where wanted,
invalid (1: neither a hit nor a miss). A face counts as found where a detection overlaps it with
an IoU of at least 0.4; matches are made greedily, the most confident detection first.
"""

import argparse
import csv
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from webapp.assets import directory
from webapp.vision.card import read_cards
from webapp.vision.detectors.base import DetectionOptions
from webapp.vision.models import ModelRegistry
from webapp.vision.photo import Photo
from webapp.vision.types import Box, Detection, Pixels

HEIGHTS = (20, 40, 80)
MATCHING_IOU = 0.4

Detect = Callable[[Pixels], list[Detection]]


@dataclass(frozen=True)
class Labelled:
    """A photo with the faces that people marked in it."""

    path: Path
    faces: tuple[Box, ...]
    invalid: tuple[Box, ...]


@dataclass
class Tally:
    """What one detector did on all the photos so far."""

    found: dict[int, int] = field(default_factory=lambda: dict.fromkeys(HEIGHTS, 0))
    faces: dict[int, int] = field(default_factory=lambda: dict.fromkeys(HEIGHTS, 0))
    right: int = 0
    wrong: int = 0
    seconds: list[float] = field(default_factory=list)

    def add(self, photo: Labelled, detections: Sequence[Detection], seconds: float) -> None:
        self.seconds.append(seconds)
        boxes = [detection.box for detection in detections]
        pairs = matched(boxes, photo.faces)
        ignored = matched([box for box in boxes if box not in pairs], photo.invalid)
        self.right += len(pairs)
        self.wrong += len(boxes) - len(pairs) - len(ignored)
        for height in HEIGHTS:
            self.faces[height] += sum(face.height >= height for face in photo.faces)
            self.found[height] += sum(face.height >= height for face in pairs.values())

    def row(self) -> str:
        recalls = "".join(f"{self.found[h] / max(1, self.faces[h]):10.4f}" for h in HEIGHTS)
        precision = self.right / max(1, self.right + self.wrong)
        return f"{recalls}{precision:11.4f}{np.median(self.seconds):10.4f}"


def matched(boxes: Iterable[Box], faces: Iterable[Box]) -> dict[Box, Box]:
    """Each box, in order, takes the face it overlaps most, if that is enough and still free."""
    free = list(faces)
    pairs: dict[Box, Box] = {}
    for box in boxes:
        best = max(free, key=box.iou, default=None)
        if best is not None and box.iou(best) >= MATCHING_IOU:
            pairs[box] = best
            free.remove(best)
    return pairs


def read_labels(table: Path) -> list[Labelled]:
    faces: dict[Path, list[Box]] = {}
    invalid: dict[Path, list[Box]] = {}
    with table.open(newline="") as file:
        for row in csv.DictReader(file):
            path = table.parent / row["path"]
            box = Box(*(round(float(row[column])) for column in ("x", "y", "w", "h")))
            faces.setdefault(path, [])
            (invalid if row.get("invalid") == "1" else faces).setdefault(path, []).append(box)
    return [Labelled(path, tuple(faces[path]), tuple(invalid.get(path, ()))) for path in faces]


def package_as_it_comes() -> Detect:
    from mtcnn import MTCNN

    detector = MTCNN()

    def detect(pixels: Pixels) -> list[Detection]:
        return [
            Detection(Box(*face["box"]), float(face["confidence"]))
            for face in detector.detect_faces(pixels)
        ]

    return detect


def ours(options: DetectionOptions) -> Detect:
    detector = ModelRegistry(read_cards([directory("models")])).detector("mtcnn")
    return lambda pixels: detector.detect(Photo.of(pixels), options)


def options_from(text: str) -> DetectionOptions:
    pixels, minimum_face = (int(number) for number in text.split(":"))
    return DetectionOptions(pixels=pixels, minimum_face=minimum_face)


def compare(photos: Sequence[Labelled], detectors: dict[str, Detect]) -> None:
    """Run every detector on every photo in turn and print a row each, the first the reference."""
    tallies = {name: Tally() for name in detectors}
    agreement: dict[str, list[float]] = {name: [] for name in detectors}
    reference = next(iter(detectors))
    for photo in photos:
        pixels = np.asarray(Image.open(photo.path).convert("RGB"))
        results: dict[str, list[Detection]] = {}
        for name, detect in detectors.items():
            started = time.perf_counter()
            results[name] = detect(pixels)
            tallies[name].add(photo, results[name], time.perf_counter() - started)
            agreement[name] += _overlaps(results[name], results[reference])
    heights = "".join(f"{f'>= {height} px':>10}" for height in HEIGHTS)
    print(f"{'recall of faces':24}{heights}{'precision':>11}{'s/photo':>10}   IoU with the first")
    for name, tally in tallies.items():
        ious = np.array(agreement[name] or [0.0])
        close = f"{ious.mean():.4f}, {np.mean(ious >= 0.9):.1%} of {len(ious)} at 0.9 or more"
        print(f"{name:24}{tally.row()}   {close}")


def _overlaps(detections: Sequence[Detection], reference: Sequence[Detection]) -> list[float]:
    pairs = matched((d.box for d in detections), (d.box for d in reference))
    return [box.iou(other) for box, other in pairs.items()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("boxes", type=Path)
    parser.add_argument("--ours", type=options_from, nargs="*", default=[DetectionOptions()])
    parser.add_argument("--without-package", action="store_true", help="measure ours alone")
    arguments = parser.parse_args()
    detectors: dict[str, Detect] = {}
    if not arguments.without_package:
        detectors["mtcnn package"] = package_as_it_comes()
    for options in arguments.ours:
        detectors[f"ours {options.pixels}:{options.minimum_face}"] = ours(options)
    compare(read_labels(arguments.boxes), detectors)


if __name__ == "__main__":
    main()

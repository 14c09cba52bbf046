"""Every face of a labelled set, detected and cropped once, and stored with the training output.

Stored pictures show more than the canonical crop, so that turning and shifting finds real pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from tqdm import tqdm

from webapp.evaluation.labels import Label, LabelledSet
from webapp.files import write_whole, written_whole
from webapp.vision.crop import crop_face
from webapp.vision.decode import decode
from webapp.vision.detectors.base import DetectionOptions, Detector
from webapp.vision.detectors.face_crop import FaceCropDetector
from webapp.vision.photo import Photo
from webapp.vision.types import Box, Detection, Pixels

MARGIN = 1.2
"""Side of stored pictures, in units of the canonical crop's side."""

THREADS = 2


@dataclass(frozen=True)
class FaceStore:
    """The faces of one set. ``cuts`` has their pictures as each detector cuts them: RGB ``uint8``,
    shape (n, side, side, 3).

    ``found`` says, face by face, whether all detectors found it; where one did not, the picture is
    taken to be the box of a face. ``sizes`` are the longer sides in pixels of the boxes that the
    last detector found.
    """

    name: str
    labels: tuple[Label, ...]
    cuts: tuple[Pixels, ...]
    found: tuple[bool, ...]
    sizes: tuple[float, ...]


@dataclass(frozen=True)
class _Line:
    """A picture and its face, as the file of detections has them."""

    path: str
    face: Detection | None


def kept_side(crop_side: int) -> int:
    """Side in pixels of the pictures stored for canonical crops of ``crop_side`` pixels."""
    return 2 * round(crop_side * MARGIN / 2)


def open_face_store(
    labelled: LabelledSet, detectors: Sequence[Detector], crop_side: int, folder: Path
) -> FaceStore:
    """The faces of a set, from ``folder`` or else detected, cropped and stored there."""
    name = f"{labelled.name}-{labelled.fingerprint}"
    opened = [
        _open(labelled, detector, crop_side, folder / f"{name}-{detector.name}")
        for detector in detectors
    ]
    cuts = tuple(pictures for pictures, _ in opened)
    faces = list(zip(*(faces for _, faces in opened), strict=True))
    found = tuple(None not in same for same in faces)
    sizes = tuple(_size(same[-1]) for same in faces)
    return FaceStore(labelled.name, labelled.labels, cuts, found, sizes)


def _open(
    labelled: LabelledSet, detector: Detector, crop_side: int, folder: Path
) -> tuple[Pixels, list[Detection | None]]:
    folder.mkdir(parents=True, exist_ok=True)
    detections = _detections(labelled, detector, folder / "detections.jsonl")
    path = folder / f"crops-{crop_side}.npy"
    if not path.exists():
        _cut_all(labelled, detections, crop_side, path)
    # The system keeps the file in memory as long as nobody needs that memory more.
    return np.load(path, mmap_mode="r"), detections


def _size(face: Detection | None) -> float:
    return max(face.box.width, face.box.height) if face else np.nan


def _detections(labelled: LabelledSet, detector: Detector, path: Path) -> list[Detection | None]:
    """One line per label is appended as it is computed, so a killed run resumes where it was."""
    known = _read_detections(path)
    missing = [label for label in labelled.labels if label.path not in known]
    crops = FaceCropDetector(detector)

    def detect(label: Label) -> Detection | None:
        faces = crops.detect(decode(labelled.read(label)), DetectionOptions())
        return faces[0] if faces else None

    with path.open("ab") as lines, ThreadPoolExecutor(THREADS) as pool:
        found = tqdm(pool.map(detect, missing), f"detect {labelled.name}", len(missing))
        for label, face in zip(missing, found, strict=True):
            known[label.path] = face
            lines.write(msgspec.json.encode(_Line(label.path, face)) + b"\n")
    return [known[label.path] for label in labelled.labels]


def _read_detections(path: Path) -> dict[str, Detection | None]:
    if not path.exists():
        return {}
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if whole != data:  # broken off in its last line
        write_whole(path, whole)
    lines = (msgspec.json.decode(line, type=_Line) for line in whole.splitlines())
    return {line.path: line.face for line in lines}


def _cut_all(
    labelled: LabelledSet, detections: Iterable[Detection | None], crop_side: int, path: Path
) -> None:
    side = kept_side(crop_side)

    def cut(pair: tuple[Label, Detection | None]) -> Pixels:
        label, face = pair
        photo = decode(labelled.read(label))
        return crop_face(photo, face or _whole(photo), side, side / crop_side)

    header = {
        "descr": "|u1",
        "fortran_order": False,
        "shape": (len(labelled.labels), side, side, 3),
    }
    pairs = zip(labelled.labels, detections, strict=True)
    with written_whole(path) as file, ThreadPoolExecutor(THREADS) as pool:
        np.lib.format.write_array_header_1_0(file, header)
        crops = tqdm(pool.map(cut, pairs), f"cut {labelled.name}", len(labelled.labels))
        for crop in crops:
            file.write(crop.tobytes())


def _whole(photo: Photo) -> Detection:
    return Detection(Box(0, 0, photo.width, photo.height), 0.0)

"""RetinaFace: one network that proposes, judges and places faces with five landmarks.

Deng, Guo, Ververas, Kotsia, Zafeiriou: "RetinaFace: Single-shot Multi-level Face Localisation in
the Wild" (2020), with a MobileNet-0.25 backbone. Anchors, variances and the mean that is subtracted
from pixels are those that the weights were trained with (biubug6/Pytorch_Retinaface,
``cfg_mnet``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from webapp.vision.card import ModelCard
from webapp.vision.detectors.base import DetectionOptions, DetectionSettings
from webapp.vision.detectors.boxes import not_suppressed, overlaps
from webapp.vision.detectors.scaling import Scaling
from webapp.vision.estimators.box_crop import BoxCrop
from webapp.vision.inference import on_all_cores, open_session
from webapp.vision.photo import Photo
from webapp.vision.types import Detection, Floats, Pixels

ANCHORS = {8: (16, 32), 16: (64, 128), 32: (256, 512)}
"""Distance in pixels of the places that the network judges → sides of the squares there."""
CENTRE_VARIANCE, SIZE_VARIANCE = 0.1, 0.2
MEAN = (104.0, 117.0, 123.0)
"""Blue, green and red."""
MOST_CANDIDATES = 5000
"""The best, which are compared with each other (``top_k`` there): a crowd has fewer, and only a
threshold near nothing leaves more.
"""
OVERLAP = 0.4
"""Intersection over union from which on two boxes are one face."""

# A photo is done where half the pixels show clear faces and nothing that may be one. That holds for
# half of the photos of docs/detectors.md, and no face of theirs is lost.
CLEAR = 0.97
DOUBT = 0.15

# Where so many small faces are found there may be more: a larger copy is looked at instead.
CROWD = 8
SMALL = 32
CLOSER = 3
"""How many times the pixels of the usual copy the larger one has."""

# A second look settles what the first one left open: each such candidate is cut from the photo,
# larger or smaller, mirrored as well, and its confidence is the mean of the three. On the photos of
# docs/detectors.md that finds 6 % more of the hidden faces at the same precision.
SURE = 0.95
MOST_AGAIN = 8
FACE_AGAIN = 96
CROP_AGAIN = BoxCrop(size=240, margin=0.75)
LEAST = 0.02
"""Confidence below which the second look takes a candidate for unseen."""


@dataclass(frozen=True, eq=False)
class AnchoredFaces:
    """Boxes, shape (n, 4), scores, shape (n,), and landmarks (x, y), shape (n, 5, 2)."""

    boxes: Floats
    scores: Floats
    landmarks: Floats


class RetinafaceDetector:
    """The default detector. Safe to call from several threads."""

    def __init__(self, card: ModelCard, files: Mapping[str, Path]) -> None:
        self.name = card.name
        self.settings = DetectionSettings.of(card)
        data = files["network"].read_bytes()
        self._session = open_session(data)
        # Crops are judged side by side, each on one thread.
        self._small_session = open_session(data, threads=1)

    def detect(self, photo: Photo, options: DetectionOptions) -> list[Detection]:
        """Every face in a photo with its landmarks, the most confident first."""
        settings = self.settings.with_options(options)
        least = min(settings.threshold, self.settings.lower_threshold)
        if options.pixels is None:
            copy, found = self._as_closely_as_needed(photo, settings, least)
        else:
            copy = photo.bounded_area(settings.pixels)
            found = self._candidates(copy, settings.minimum_face, least)
        scaling = Scaling.between(copy, photo)
        faces = scaling.detections(found.boxes, found.scores, found.landmarks)
        faces = self._looked_at_again(photo, faces)
        return [face for face in faces if face.confidence >= settings.threshold]

    def _as_closely_as_needed(
        self, photo: Photo, settings: DetectionSettings, least: float
    ) -> tuple[Pixels, AnchoredFaces]:
        """The copy of a photo that was large enough, and what was found in it."""
        copy = photo.bounded_area(settings.pixels // 2)
        found = self._candidates(copy, settings.minimum_face, min(DOUBT, least))
        if len(found.scores) and found.scores[-1] >= CLEAR:
            return copy, found
        copy = photo.bounded_area(settings.pixels)
        found = self._candidates(copy, settings.minimum_face, least)
        if (_sides(found.boxes) < SMALL).sum() >= CROWD:
            # Not beyond what is decoded already.
            seen = photo.preview.shape[0] * photo.preview.shape[1]
            copy = photo.bounded_area(min(CLOSER * settings.pixels, seen))
            found = self._candidates(copy, settings.minimum_face, least)
        return copy, found

    def _candidates(self, picture: Pixels, minimum_face: int, least: float) -> AnchoredFaces:
        """What may be a face in a picture, the most confident first."""
        blob = cv2.dnn.blobFromImage(picture, mean=MEAN, swapRB=True)
        (boxes,), (scores,), (landmarks,) = self._session.run(None, {"input": blob})
        found = _decoded(boxes, scores, landmarks, picture.shape[:2], least)
        kept = not_suppressed(found.boxes, found.scores, OVERLAP)
        kept = kept[_sides(found.boxes[kept]) >= minimum_face]
        return AnchoredFaces(found.boxes[kept], found.scores[kept], found.landmarks[kept])

    def _looked_at_again(self, photo: Photo, faces: Sequence[Detection]) -> list[Detection]:
        """The faces with the confidence that a second look gives the best of the unsure ones."""
        unsure = [face for face in faces if face.confidence < SURE][:MOST_AGAIN]
        if not unsure:
            return list(faces)
        # The full resolution would have to be decoded first.
        seen = Photo.of(photo.preview)
        scale = seen.width / photo.width
        crops = [CROP_AGAIN.cut(seen, face.box.scaled(scale)) for face in unsure]
        again = on_all_cores(self._confidence_again, crops)
        scores = {id(face): score for face, score in zip(unsure, again, strict=True)}
        judged = [
            replace(face, confidence=(face.confidence + 2 * scores[id(face)]) / 3)
            if id(face) in scores
            else face
            for face in faces
        ]
        return sorted(judged, key=lambda face: -face.confidence)

    def _confidence_again(self, crop: Pixels) -> float:
        """How sure the network is of the face in the middle of a crop, on average of the crop and
        its mirror image.
        """
        both = [crop, np.ascontiguousarray(crop[:, ::-1])]
        blob = cv2.dnn.blobFromImages(both, mean=MEAN, swapRB=True)
        answers = self._small_session.run(None, {"input": blob})
        found = [
            _decoded(*view, crop.shape[:2], LEAST)  # type: ignore[call-arg] # three arrays
            for view in zip(*answers, strict=True)
        ]
        return sum(_score_in_the_middle(one, crop.shape[0] / 2) for one in found) / len(found)


def _decoded(
    boxes: Floats, scores: Floats, landmarks: Floats, shape: tuple[int, int], least: float
) -> AnchoredFaces:
    """The best candidates from a confidence on, from the network's answers for every anchor:
    (n, 4), (n, 2) and (n, 10) offsets.
    """
    likely = np.nonzero(scores[:, 1] >= least)[0]
    if len(likely) > MOST_CANDIDATES:
        likely = likely[np.argsort(-scores[likely, 1], kind="stable")[:MOST_CANDIDATES]]
    anchors = _anchors(*shape)[likely]
    places, sides = anchors[:, :2], anchors[:, 2:]
    centres = places + CENTRE_VARIANCE * boxes[likely, :2] * sides
    half = sides * np.exp(SIZE_VARIANCE * boxes[likely, 2:]) / 2
    points = CENTRE_VARIANCE * landmarks[likely].reshape(-1, 5, 2) * sides[:, np.newaxis]
    return AnchoredFaces(
        np.concatenate([centres - half, centres + half], axis=1),
        scores[likely, 1],
        places[:, np.newaxis] + points,
    )


@lru_cache(maxsize=8)
def _anchors(height: int, width: int) -> Floats:
    """Centre (x, y) and side of every anchor of a picture, in the order of the network's answers:
    shape (n, 3).
    """
    levels = []
    for step, sides in ANCHORS.items():
        y, x = np.mgrid[: -(-height // step), : -(-width // step)]
        places = np.stack([x.ravel(), y.ravel()], axis=1) * step + step / 2
        side = np.tile(sides, len(places))[:, np.newaxis]
        levels.append(np.concatenate([places.repeat(len(sides), axis=0), side], axis=1))
    return np.concatenate(levels).astype(np.float32)


def _score_in_the_middle(found: AnchoredFaces, middle: float) -> float:
    """The best score of a candidate that is the face which a crop was cut about; 0 without one."""
    reach = FACE_AGAIN / 2
    edges = (middle - reach, middle - reach, middle + reach, middle + reach)
    face = np.array([edges], np.float32)
    same = overlaps(found.boxes, face)[:, 0] > OVERLAP
    return float(found.scores[same].max(initial=0))


def _sides(boxes: Floats) -> Floats:
    """The longer side of each box."""
    return np.asarray((boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0), np.float32)

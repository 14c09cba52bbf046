"""The three stages of MTCNN on one picture, each run as whole batches.

Thresholds and geometry are those of the ``mtcnn`` package 1.0, so both find the same faces.
Pictures are RGB ``float32``, 0…255, shape (height, width, 3): rounding the levels of the pyramid
to whole numbers would already move boxes.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass

import cv2
import numpy as np
import onnxruntime

from webapp.vision.detectors.boxes import Floats, not_suppressed, shifted, squared
from webapp.vision.detectors.mtcnn_networks import Networks

PROPOSAL_THRESHOLD = 0.6
REFINEMENT_THRESHOLD = 0.7
OUTPUT_THRESHOLD = 0.8

# PNet looks at windows of 12×12 pixels, two pixels apart, on copies each 0.709 times the last.
WINDOW = 12
STRIDE = 2
PYRAMID_FACTOR = 0.709
# The face, in pixels, that fills a window on the first level of the package's pyramid.
FIRST_FACE = 20

# Most proposals taken from one level of the pyramid, the best first. Photos full of faces have
# hundreds; the bound is for pictures made to have millions.
MOST_PROPOSALS = 4096
# Pictures in one batch; bounds the memory of RNet and ONet, however many proposals there are.
BATCH = 64


@dataclass(frozen=True, eq=False)
class Candidates:
    """Boxes that may hold a face, shape (n, 4), and their scores, shape (n,), the best first."""

    boxes: Floats
    scores: Floats


@dataclass(frozen=True, eq=False)
class Faces(Candidates):
    """The same with five landmarks each (x, y), shape (n, 5, 2)."""

    landmarks: Floats


class Cascade:
    """The stages, with the networks they run and the threads that share the work.

    Levels and batches are spread over the pool while each network runs on one thread: that keeps
    the cores busy with resizing and suppression too, and several callers share them evenly.
    """

    def __init__(self, networks: Networks, pool: Executor) -> None:
        self._networks = networks
        self._pool = pool

    def propose(self, picture: Floats, minimum_face: float) -> Candidates:
        """PNet on every level of the pyramid: square boxes that may hold a face."""
        scales = list(pyramid_scales(picture, minimum_face))
        levels = list(self._pool.map(lambda scale: self._proposals_at(picture, scale), scales))
        if not levels:
            return Candidates(np.empty((0, 4), np.float32), np.empty(0, np.float32))
        boxes = np.concatenate([level.boxes for level in levels])
        scores = np.concatenate([level.scores for level in levels])
        kept = not_suppressed(boxes, scores, 0.7)
        return Candidates(squared(boxes[kept]), scores[kept])

    def refine(self, picture: Floats, proposals: Candidates) -> Candidates:
        """RNet on every proposal: fewer, better square boxes."""
        offsets, scores = self._run(
            self._networks.refinement, patches(picture, proposals.boxes, 24)
        )
        likely = scores[:, 0] > REFINEMENT_THRESHOLD
        boxes = shifted(proposals.boxes[likely], offsets[likely])
        kept = not_suppressed(boxes, scores[likely, 0], 0.7)
        return Candidates(squared(boxes[kept]), scores[likely, 0][kept])

    def finish(self, picture: Floats, candidates: Candidates, threshold: float) -> Faces:
        """ONet on every candidate: faces with landmarks, the most confident first."""
        inputs = patches(picture, candidates.boxes, 48)
        offsets, points, scores = self._run(self._networks.output, inputs)
        likely = scores[:, 0] > threshold
        boxes = shifted(candidates.boxes[likely], offsets[likely])
        landmarks = _landmarks(candidates.boxes[likely], points[likely])
        kept = not_suppressed(boxes, scores[likely, 0], 0.7, overlap="smaller")
        return Faces(boxes[kept], scores[likely, 0][kept], landmarks[kept])

    def _proposals_at(self, picture: Floats, scale: float) -> Candidates:
        level = shrunk(picture, scale)
        inputs = {"pixels": level[np.newaxis]}
        offset_map, score_map = self._networks.proposal.run(None, inputs)
        return _proposals_of_maps(offset_map[0], score_map[0, 0], scale)

    def _run(self, session: onnxruntime.InferenceSession, pictures: Floats) -> tuple[Floats, ...]:
        """The outputs of a network for pictures of shape (n, side, side, 3)."""
        starts = range(0, max(1, len(pictures)), BATCH)
        batches = [{"pixels": pictures[start : start + BATCH]} for start in starts]
        results = self._pool.map(lambda batch: session.run(None, batch), batches)
        return tuple(np.concatenate(outputs) for outputs in zip(*results, strict=True))


def pyramid_scales(picture: Floats, minimum_face: float) -> Iterator[float]:
    """The scales of the package's pyramid on which faces from ``minimum_face`` fill a window."""
    scale = WINDOW / FIRST_FACE
    while scale * minimum_face > WINDOW:
        scale *= PYRAMID_FACTOR
    while min(picture.shape[:2]) * scale >= WINDOW:
        yield scale
        scale *= PYRAMID_FACTOR


def shrunk(picture: Floats, scale: float) -> Floats:
    """A smaller copy, every pixel the mean of the area it covers."""
    height, width = picture.shape[:2]
    size = (int(width * scale), int(height * scale))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32, copy=False)


def patches(picture: Floats, boxes: Floats, side: int) -> Floats:
    """What lies in each box, as pictures of ``side`` × ``side``: shape (n, side, side, 3).

    Sampled bilinearly, grey outside the picture, at the places where the package samples.
    """
    if not len(boxes):
        return np.empty((0, side, side, 3), np.float32)
    height, width = picture.shape[:2]
    shrink = np.array([1 - 1 / width, 1 - 1 / height] * 2, np.float32)
    left, top, right, bottom = (boxes * shrink).T[..., np.newaxis]
    steps = np.linspace(0, 1, side, dtype=np.float32)
    shape = (len(boxes), side, side)
    x = np.broadcast_to((left + (right - left) * steps)[:, np.newaxis, :], shape)
    y = np.broadcast_to((top + (bottom - top) * steps)[:, :, np.newaxis], shape)
    sampled = cv2.remap(
        picture,
        x.reshape(len(boxes), -1),
        y.reshape(len(boxes), -1),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(127.5, 127.5, 127.5),
    )
    return sampled.astype(np.float32, copy=False).reshape(*shape, 3)


def _proposals_of_maps(offset_map: Floats, score_map: Floats, scale: float) -> Candidates:
    """Boxes of one level's likely windows, in pixels of the picture, overlapping ones dropped."""
    rows, columns = np.nonzero(score_map > PROPOSAL_THRESHOLD)
    scores = score_map[rows, columns]
    best = np.argsort(-scores)[:MOST_PROPOSALS]
    rows, columns, scores = rows[best], columns[best], scores[best]
    corners = np.stack([columns, rows], axis=1).astype(np.float32) * STRIDE
    # The package lets the box of a window begin at its second pixel.
    boxes = np.concatenate([corners + 1, corners + WINDOW], axis=1)
    boxes = (boxes + offset_map[:, rows, columns].T * (WINDOW - 1)) / np.float32(scale)
    kept = not_suppressed(boxes, scores, 0.5)
    return Candidates(boxes[kept], scores[kept])


def _landmarks(boxes: Floats, points: Floats) -> Floats:
    """Five x, then five y, in units of the box, become (n, 5, 2) in pixels."""
    sizes = boxes[:, np.newaxis, 2:] - boxes[:, np.newaxis, :2] + 1
    relative = points.reshape(-1, 2, 5).transpose(0, 2, 1)
    return boxes[:, np.newaxis, :2] + relative * sizes - 1

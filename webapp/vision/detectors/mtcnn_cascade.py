"""The three stages of MTCNN on one picture, each run as whole batches.

Thresholds and geometry are those of the ``mtcnn`` package 1.0, so both find the same faces.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from webapp.vision.detectors.boxes import Floats, not_suppressed, shifted, squared
from webapp.vision.detectors.mtcnn_networks import Networks, run
from webapp.vision.photo import resized
from webapp.vision.types import Pixels

PROPOSAL_THRESHOLD = 0.6
REFINEMENT_THRESHOLD = 0.7
OUTPUT_THRESHOLD = 0.8

# PNet looks at windows of 12×12 pixels, two pixels apart, on copies each 0.709 times the last.
WINDOW = 12
STRIDE = 2
PYRAMID_FACTOR = 0.709

# Most proposals taken from one level of the pyramid, the best first. Photos full of faces have
# hundreds; the bound is for pictures made to have millions.
MOST_PROPOSALS = 4096


@dataclass(frozen=True, eq=False)
class Candidates:
    """Boxes that may hold a face, shape (n, 4), and their scores, shape (n,), the best first."""

    boxes: Floats
    scores: Floats


@dataclass(frozen=True, eq=False)
class Faces(Candidates):
    """The same with five landmarks each (x, y), shape (n, 5, 2)."""

    landmarks: Floats


def propose(networks: Networks, pixels: Pixels, minimum_face: int) -> Candidates:
    """PNet on every level of the pyramid: square boxes that may hold a face."""
    levels = [
        _proposals_of_level(networks, level, scale)
        for scale, level in pyramid(pixels, minimum_face)
    ]
    if not levels:
        return Candidates(np.empty((0, 4), np.float32), np.empty(0, np.float32))
    boxes = np.concatenate([level.boxes for level in levels])
    scores = np.concatenate([level.scores for level in levels])
    kept = not_suppressed(boxes, scores, 0.7)
    return Candidates(squared(boxes[kept]), scores[kept])


def refine(networks: Networks, pixels: Pixels, proposals: Candidates) -> Candidates:
    """RNet on every proposal: fewer, better square boxes."""
    offsets, scores = run(networks.refinement, patches(pixels, proposals.boxes, 24))
    likely = scores[:, 1] > REFINEMENT_THRESHOLD
    boxes = shifted(proposals.boxes[likely], offsets[likely])
    kept = not_suppressed(boxes, scores[likely, 1], 0.7)
    return Candidates(squared(boxes[kept]), scores[likely, 1][kept])


def finish(networks: Networks, pixels: Pixels, candidates: Candidates, threshold: float) -> Faces:
    """ONet on every candidate: faces with landmarks, the most confident first."""
    offsets, points, scores = run(networks.output, patches(pixels, candidates.boxes, 48))
    likely = scores[:, 1] > threshold
    boxes = shifted(candidates.boxes[likely], offsets[likely])
    landmarks = _landmarks(candidates.boxes[likely], points[likely])
    kept = not_suppressed(boxes, scores[likely, 1], 0.7, overlap="smaller")
    return Faces(boxes[kept], scores[likely, 1][kept], landmarks[kept])


def pyramid(pixels: Pixels, minimum_face: int) -> Iterator[tuple[float, Pixels]]:
    """Ever smaller copies, the smallest face first, with their scales; each made from the last."""
    height, width = pixels.shape[:2]
    scale = WINDOW / minimum_face
    while min(height, width) * scale >= WINDOW:
        pixels = resized(pixels, (int(width * scale), int(height * scale)))
        yield scale, pixels
        scale *= PYRAMID_FACTOR


def patches(pixels: Pixels, boxes: Floats, side: int) -> Pixels:
    """What lies in each box, as pictures of ``side`` × ``side``: shape (n, side, side, 3).

    Sampled bilinearly, grey outside the picture, at the places where the package samples.
    """
    if not len(boxes):
        return np.empty((0, side, side, 3), np.uint8)
    height, width = pixels.shape[:2]
    shrink = np.array([1 - 1 / width, 1 - 1 / height] * 2, np.float32)
    left, top, right, bottom = (boxes * shrink).T[..., np.newaxis]
    steps = np.linspace(0, 1, side, dtype=np.float32)
    shape = (len(boxes), side, side)
    x = np.broadcast_to((left + (right - left) * steps)[:, np.newaxis, :], shape)
    y = np.broadcast_to((top + (bottom - top) * steps)[:, :, np.newaxis], shape)
    sampled = cv2.remap(
        pixels,
        x.reshape(len(boxes), -1),
        y.reshape(len(boxes), -1),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(127.5, 127.5, 127.5),
    )
    return sampled.astype(np.uint8, copy=False).reshape(*shape, 3)


def _proposals_of_level(networks: Networks, level: Pixels, scale: float) -> Candidates:
    offset_map, score_map = run(networks.proposal, level[np.newaxis])
    face_map = score_map[0, 1]
    rows, columns = np.nonzero(face_map > PROPOSAL_THRESHOLD)
    corners = np.stack([columns, rows], axis=1).astype(np.float32) * STRIDE
    # The package lets the box of a window begin at its second pixel.
    boxes = np.concatenate([corners + 1, corners + WINDOW], axis=1)
    boxes = (boxes + offset_map[0, :, rows, columns] * (WINDOW - 1)) / np.float32(scale)
    scores = face_map[rows, columns]
    best = np.argsort(-scores)[:MOST_PROPOSALS]
    boxes, scores = boxes[best], scores[best]
    kept = not_suppressed(boxes, scores, 0.5)
    return Candidates(boxes[kept], scores[kept])


def _landmarks(boxes: Floats, points: Floats) -> Floats:
    """Five x, then five y, in units of the box, become (n, 5, 2) in pixels."""
    sizes = boxes[:, np.newaxis, 2:] - boxes[:, np.newaxis, :2] + 1
    relative = points.reshape(-1, 2, 5).transpose(0, 2, 1)
    return boxes[:, np.newaxis, :2] + relative * sizes - 1

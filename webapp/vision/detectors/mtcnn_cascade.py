"""The three stages of MTCNN on one picture, each run as whole batches.

Thresholds and geometry are those of the ``mtcnn`` package 1.0, so both find the same faces.
Pictures are RGB ``float32``, 0…255, shape (height, width, 3).
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from webapp.vision.detectors.boxes import not_suppressed, shifted, squared
from webapp.vision.detectors.mtcnn_networks import Networks
from webapp.vision.detectors.pyramid import WINDOW, Pyramid, pyramid_scales
from webapp.vision.inference import on_all_cores
from webapp.vision.types import Floats

PROPOSAL_THRESHOLD = 0.6
REFINEMENT_THRESHOLD = 0.7
# Maps are searched before their logits become probabilities.
PROPOSAL_LOGIT = math.log(PROPOSAL_THRESHOLD / (1 - PROPOSAL_THRESHOLD))

# PNet's windows are two pixels apart.
STRIDE = 2

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
    """Candidates with five landmarks each (x, y), shape (n, 5, 2)."""

    landmarks: Floats


class Cascade:
    """The stages with the networks that they run, each as whole batches on all cores."""

    def __init__(self, networks: Networks) -> None:
        self._networks = networks

    def propose(self, picture: Floats, minimum_face: float) -> Candidates:
        """PNet on every level of the pyramid: square boxes that may hold a face."""
        pyramid = Pyramid(picture)

        def proposals_at(scale: float) -> Candidates:
            level = pyramid.level(scale)
            (answers,) = self._networks.proposal.run_here(level[np.newaxis])
            return _proposals_of_map(answers, scale)

        levels = on_all_cores(proposals_at, pyramid_scales(picture, minimum_face))
        if not levels:
            return Candidates(np.empty((0, 4), np.float32), np.empty(0, np.float32))
        boxes = np.concatenate([level.boxes for level in levels])
        scores = np.concatenate([level.scores for level in levels])
        kept = not_suppressed(boxes, scores, 0.7)
        return Candidates(squared(boxes[kept]), scores[kept])

    def refine(self, picture: Floats, proposals: Candidates) -> Candidates:
        """RNet on every proposal: fewer, better square boxes."""
        answers = self._networks.refinement.run(patches(picture, proposals.boxes, 24))
        scores = _probabilities(answers[:, -1])
        likely = scores > REFINEMENT_THRESHOLD
        boxes = shifted(proposals.boxes[likely], answers[likely, :4])
        kept = not_suppressed(boxes, scores[likely], 0.7)
        return Candidates(squared(boxes[kept]), scores[likely][kept])

    def finish(self, picture: Floats, candidates: Candidates, threshold: float) -> Faces:
        """ONet on every candidate: faces with landmarks, the most confident first."""
        answers = self._networks.output.run(patches(picture, candidates.boxes, 48))
        scores = _probabilities(answers[:, -1])
        likely = scores >= threshold
        boxes = shifted(candidates.boxes[likely], answers[likely, :4])
        landmarks = _landmarks(candidates.boxes[likely], answers[likely, 4:-1])
        kept = not_suppressed(boxes, scores[likely], 0.7, overlap="smaller")
        return Faces(boxes[kept], scores[likely][kept], landmarks[kept])


def patches(picture: Floats, boxes: Floats, side: int) -> Floats:
    """The content of each box, resized to ``side`` × ``side``: shape (n, side, side, 3).

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


def _probabilities(logits: Floats) -> Floats:
    """The logistic function, written so that it does not overflow."""
    return np.asarray(0.5 * (1 + np.tanh(logits / 2)), np.float32)


def _proposals_of_map(answers: Floats, scale: float) -> Candidates:
    """Boxes of one level's likely windows, in pixels of the picture, overlapping ones dropped."""
    logits = answers[-1]
    rows, columns = np.nonzero(logits > PROPOSAL_LOGIT)
    scores = _probabilities(logits[rows, columns])
    best = np.argsort(-scores)[:MOST_PROPOSALS]
    rows, columns, scores = rows[best], columns[best], scores[best]
    corners = np.stack([columns, rows], axis=1).astype(np.float32) * STRIDE
    # The package lets the box of a window begin at its second pixel.
    boxes = np.concatenate([corners + 1, corners + WINDOW], axis=1)
    boxes = (boxes + answers[:4, rows, columns].T * (WINDOW - 1)) / np.float32(scale)
    kept = not_suppressed(boxes, scores, 0.5)
    return Candidates(boxes[kept], scores[kept])


def _landmarks(boxes: Floats, points: Floats) -> Floats:
    """Five x, then five y, in units of the box, become (n, 5, 2) in pixels."""
    sizes = boxes[:, np.newaxis, 2:] - boxes[:, np.newaxis, :2] + 1
    relative = points.reshape(-1, 2, 5).transpose(0, 2, 1)
    return boxes[:, np.newaxis, :2] + relative * sizes - 1

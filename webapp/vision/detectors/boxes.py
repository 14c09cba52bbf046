"""Vectorised geometry of many boxes at once.

Boxes are ``float32`` of shape (n, 4): left, top, right, bottom.
"""

from typing import Literal

import numpy as np
import numpy.typing as npt

from webapp.vision.types import Floats

Overlap = Literal["union", "smaller"]

# Pairs compared at a time; bounds the memory of suppression, whatever comes in.
PAIRS_AT_ONCE = 1_000_000
# Keeps empty boxes from dividing by nothing.
SMALLEST_AREA = np.float32(1e-6)


def squared(boxes: Floats) -> Floats:
    """The smallest squares around the centres that cover the boxes."""
    sizes = boxes[:, 2:] - boxes[:, :2]
    sides = sizes.max(axis=1, keepdims=True, initial=0)
    corners = boxes[:, :2] + (sizes - sides) / 2
    return np.concatenate([corners, corners + sides], axis=1)


def shifted(boxes: Floats, offsets: Floats) -> Floats:
    """Boxes whose edges move by ``offsets``, shape (n, 4), in units of the boxes' sizes."""
    sizes = boxes[:, 2:] - boxes[:, :2] + 1
    return boxes + offsets * np.tile(sizes, 2)


def not_suppressed(
    boxes: Floats, scores: Floats, threshold: float, overlap: Overlap = "union"
) -> npt.NDArray[np.intp]:
    """Indices of the boxes that no better box overlaps by more than ``threshold``, best first.

    ``overlap`` divides the shared area by that of the union or by that of the smaller box. A box
    is suppressed even by a better box that was itself suppressed, as in the ``mtcnn`` package;
    this removes more than greedy suppression and needs no loop over boxes.
    """
    order = np.argsort(-scores, kind="stable")
    ordered = boxes[order]
    kept = np.ones(len(order), np.bool_)
    rows = max(1, PAIRS_AT_ONCE // max(1, len(order)))
    for start in range(0, len(order), rows):
        block = ordered[start : start + rows]
        better = ordered[: start + len(block)]
        too_close = overlaps(block, better, overlap) > threshold
        kept[start : start + len(block)] = ~np.tril(too_close, start - 1).any(axis=1)
    return order[kept]


def overlaps(boxes: Floats, others: Floats, overlap: Overlap = "union") -> Floats:
    """How much each of n boxes overlaps each of m others, 0.0 to 1.0: shape (n, m)."""
    shared = _shared_lengths(boxes, others, 0) * _shared_lengths(boxes, others, 1)
    areas, other_areas = _areas(boxes)[:, np.newaxis], _areas(others)[np.newaxis]
    whole = areas + other_areas - shared if overlap == "union" else np.minimum(areas, other_areas)
    return np.asarray(shared / np.maximum(whole, SMALLEST_AREA), np.float32)


def _shared_lengths(boxes: Floats, others: Floats, axis: int) -> Floats:
    ends = np.minimum(boxes[:, np.newaxis, axis + 2], others[np.newaxis, :, axis + 2])
    starts = np.maximum(boxes[:, np.newaxis, axis], others[np.newaxis, :, axis])
    return np.asarray(np.maximum(ends - starts, 0), np.float32)


def _areas(boxes: Floats) -> Floats:
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])

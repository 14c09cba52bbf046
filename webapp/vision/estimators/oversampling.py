"""Ten views of a face instead of one: four corners and the centre, each with its mirror image.

Both papers score this way: Levi and Hassner 2015, section 3.3, and Lapuschkin et al. 2017.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

VIEWS = 10
Number = TypeVar("Number", bound=np.generic)


def ten_views(frames: npt.NDArray[Number], size: int) -> npt.NDArray[Number]:
    """The views of square frames: shape (n, side, side, 3) becomes (10 · n, size, size, 3).

    The ten views of a frame follow one another; ``size`` is at most ``side``.
    """
    last = frames.shape[1] - size
    corners = [(0, 0), (0, last), (last, 0), (last, last), (last // 2, last // 2)]
    five = np.stack([frames[:, y : y + size, x : x + size] for y, x in corners], axis=1)
    ten = np.concatenate([five, five[:, :, :, ::-1]], axis=1)
    return ten.reshape(-1, size, size, frames.shape[3])


def mean_of_views(probabilities: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Shape (10 · n, classes), views of a frame in a row, becomes (n, classes)."""
    views = probabilities.reshape(-1, VIEWS, probabilities.shape[1])
    return np.asarray(views.mean(axis=1), np.float32)

"""Which faces are held back for validation: decided by content, so that copies stay together."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from webapp.evaluation.labels import Label
from webapp.vision.types import Pixels

HASH_SIDE = 16
NEAR = 28
"""Two pictures are copies where at most this many of the 256 bits of their hashes differ."""

NUMBERED = re.compile(r"(\d+)_(\d+)_([12])\.\w+")
"""``age_number_gender.jpg`` of Images of Groups: faces of one photo have numbers near another."""

NUMBERS_TOGETHER = 50

PAIRS_AT_ONCE = 512


def validation_mask(
    labels: Sequence[Label], pictures: Pixels, share: float, seed: int
) -> npt.NDArray[np.bool_]:
    """True for the faces that are held back: about ``share`` of them, whole families at a time.

    A family is what is connected by being near-copies, of one person, or by neighbouring numbers.
    """
    copies = near_copies(difference_hashes(pictures))
    families = _connected(len(labels), copies + _persons(labels) + _neighbours(labels))
    names = {family: labels[int(family)].path for family in np.unique(families)}
    held = {family: _fraction(f"{seed} {name}") < share for family, name in names.items()}
    return np.array([held[family] for family in families], np.bool_)


def difference_hashes(pictures: Pixels) -> npt.NDArray[np.uint64]:
    """Perceptual hashes, shape (n, 4): which of 16×16 grey cells are brighter than the next."""
    bits = np.empty((len(pictures), HASH_SIDE * HASH_SIDE), np.bool_)
    for index, picture in enumerate(pictures):
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        small = cv2.resize(grey, (HASH_SIDE + 1, HASH_SIDE), interpolation=cv2.INTER_AREA)
        bits[index] = (small[:, 1:] > small[:, :-1]).ravel()
    return np.packbits(bits, axis=1).view(np.uint64)


def near_copies(hashes: npt.NDArray[np.uint64]) -> list[tuple[int, int]]:
    """Every pair of pictures whose hashes differ in at most ``NEAR`` bits."""
    pairs: list[tuple[int, int]] = []
    for start in range(0, len(hashes), PAIRS_AT_ONCE):
        block, rest = hashes[start : start + PAIRS_AT_ONCE], hashes[start:]
        distance = np.zeros((len(block), len(rest)), np.uint16)
        for word in range(hashes.shape[1]):
            distance += np.bitwise_count(block[:, None, word] ^ rest[None, :, word])
        first, second = np.nonzero(np.triu(distance <= NEAR, 1))
        pairs += zip((first + start).tolist(), (second + start).tolist(), strict=True)
    return pairs


def _persons(labels: Sequence[Label]) -> list[tuple[int, int]]:
    first: dict[str, int] = {}
    return [
        (first.setdefault(label.person, index), index)
        for index, label in enumerate(labels)
        if label.person is not None
    ]


def _neighbours(labels: Sequence[Label]) -> list[tuple[int, int]]:
    first: dict[tuple[str, str, int], int] = {}
    pairs = []
    for index, label in enumerate(labels):
        match = NUMBERED.fullmatch(label.path)
        if match is not None:
            block = (match[1], match[3], int(match[2]) // NUMBERS_TOGETHER)
            pairs.append((first.setdefault(block, index), index))
    return pairs


def _connected(count: int, pairs: Sequence[tuple[int, int]]) -> npt.NDArray[np.intp]:
    """For each of ``count`` nodes the smallest node that it is connected with."""
    parent = list(range(count))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = node = parent[parent[node]]
        return node

    for first, second in pairs:
        low, high = sorted((root(first), root(second)))
        parent[high] = low
    return np.array([root(node) for node in range(count)], np.intp)


def _fraction(text: str) -> float:
    """A number from 0 to 1 that depends on a text alone."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) / 2**64

"""Makes a stored face look like an upload: turned, shifted, badly lit, blurred, small, compressed,
partly covered.

All functions take and return RGB ``uint8`` pictures of shape (side, side, 3).
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from webapp.training.face_store import MARGIN
from webapp.vision.crop import TEMPLATE
from webapp.vision.types import Pixels

Points = npt.NDArray[np.float64]
Random = np.random.Generator
Change = Callable[[Pixels, Random], Pixels]

TURN = 10.0  # standard deviation is half of it, in degrees
ZOOM = 0.15
SHIFT = 0.06
"""Largest usual turn, change of size and shift (in units of the side) of a detector's crops."""


def centre_crop(kept: Pixels, side: int) -> Pixels:
    """The canonical crop inside a stored picture, unchanged."""
    start = (kept.shape[0] - side) // 2
    return kept[start : start + side, start : start + side]


def augmented(kept: Pixels, side: int, random: Random) -> Pixels:
    """One random variation of a stored picture's canonical crop."""
    if random.random() < COVERED:
        kept = COVERS[random.integers(len(COVERS))](kept.copy(), random)
    picture = _moved(kept, side, random)
    for probability, change in CHANGES:
        if random.random() < probability:
            picture = change(picture, random)
    return picture


def _moved(kept: Pixels, side: int, random: Random) -> Pixels:
    angle = random.normal(0, TURN / 2)
    scale = np.exp(random.normal(0, ZOOM / 2))
    matrix = cv2.getRotationMatrix2D((kept.shape[1] / 2, kept.shape[0] / 2), angle, scale)
    if random.random() < 0.5:
        matrix[:, 2] += matrix[:, 0] * (kept.shape[1] - 1)
        matrix[:, 0] *= -1
    matrix[:, 2] += random.normal(0, SHIFT / 2 * side, 2) - (kept.shape[0] - side) / 2
    return _pixels(cv2.warpAffine(kept, matrix, (side, side), borderMode=cv2.BORDER_REFLECT_101))


def _light(picture: Pixels, random: Random) -> Pixels:
    """Contrast, brightness, gamma and a tint, as one table per channel."""
    levels = np.linspace(0, 1, 256)[:, None] ** np.exp(random.normal(0, 0.25))
    levels = 0.5 + (levels - 0.5) * np.exp(random.normal(0, 0.25)) + random.normal(0, 0.09)
    table = levels * np.exp(random.normal(0, 0.06, 3)) * 255
    return _pixels(cv2.LUT(picture, _pixels(table.clip(0, 255))[:, None]))


def _coloured(picture: Pixels, random: Random) -> Pixels:
    """Other cameras' and films' colours: hue and saturation."""
    hue, saturation, value = cv2.split(cv2.cvtColor(picture, cv2.COLOR_RGB2HSV))
    levels = np.arange(256)
    hues = _pixels((levels + round(random.normal(0, 4))) % 180)
    saturations = _pixels((levels * np.exp(random.normal(0, 0.3))).clip(0, 255))
    changed = [cv2.LUT(hue, hues), cv2.LUT(saturation, saturations), value]
    return _pixels(cv2.cvtColor(cv2.merge(changed), cv2.COLOR_HSV2RGB))


def _shaded(picture: Pixels, random: Random) -> Pixels:
    """Light from one side."""
    side = picture.shape[0]
    angle, strength = random.uniform(0, 2 * np.pi), random.uniform(0.1, 0.6)
    across = np.linspace(-1, 1, side)
    slope = np.cos(angle) * across + np.sin(angle) * across[:, None]
    return _pixels((picture * np.exp(strength * slope)[..., None]).clip(0, 255))


def _grainy(picture: Pixels, random: Random) -> Pixels:
    """Film grain or the paper and screen of a print: noise without colour, coarser than a pixel."""
    side = picture.shape[0]
    cells = round(side / random.uniform(1, 3))
    cell = random.standard_normal((cells, cells), np.float32) * random.uniform(4, 16)
    grain = cv2.resize(cell, (side, side), interpolation=cv2.INTER_LINEAR)
    return _pixels((picture + grain[..., None]).clip(0, 255))


def _sharpened(picture: Pixels, random: Random) -> Pixels:
    soft = cv2.GaussianBlur(picture, (0, 0), random.uniform(0.8, 2.0))
    amount = random.uniform(0.3, 1.5)
    return _pixels(cv2.addWeighted(picture, 1 + amount, soft, -amount, 0))


def _grey(picture: Pixels, random: Random) -> Pixels:
    """As in old and in printed photos, at times toned."""
    grey = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    tone = np.exp(random.normal(0, 0.12, 3)) if random.random() < 0.4 else np.ones(3)
    return _pixels((grey * tone).clip(0, 255))


def _blurred(picture: Pixels, random: Random) -> Pixels:
    return _pixels(cv2.GaussianBlur(picture, (0, 0), random.uniform(0.5, 1.8)))


def _small(picture: Pixels, random: Random) -> Pixels:
    """As enlarged from a face of 28 to 110 pixels."""
    side = round(float(np.exp(random.uniform(np.log(28), np.log(110)))))
    enlarge = cv2.INTER_LINEAR if random.random() < 0.7 else cv2.INTER_CUBIC
    small = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    if random.random() < 0.5:
        small = _compressed(_pixels(small), random)
    return _pixels(cv2.resize(small, picture.shape[:2], interpolation=enlarge))


def _compressed(picture: Pixels, random: Random) -> Pixels:
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(25, 90))]
    compressed = cv2.imencode(".jpg", picture, quality)[1]
    return _pixels(np.asarray(cv2.imdecode(compressed, cv2.IMREAD_COLOR)))


def _noisy(picture: Pixels, random: Random) -> Pixels:
    noise = random.standard_normal(picture.shape, np.float32) * random.uniform(2, 10)
    return _pixels((picture + noise).clip(0, 255))


def _mask(kept: Pixels, random: Random) -> Pixels:
    """Something over mouth and nose, of one colour."""
    side = kept.shape[0]
    top = _place(2, kept)[1] - 0.02 * side
    corners = np.array([(0.2, top), (0.8, top), (0.72, 0.95 * side), (0.28, 0.95 * side)])
    corners[:, 0] *= side
    corners += random.normal(0, 0.03 * side, (4, 2))
    return _filled(kept, corners, random)


def _bar(kept: Pixels, random: Random) -> Pixels:
    """Dark glasses, or the bar that hides who it is."""
    left, right = _place(0, kept), _place(1, kept)
    height = random.uniform(0.05, 0.1) * kept.shape[0]
    reach = np.array([random.uniform(0.06, 0.15) * kept.shape[0], 0])
    edge = np.array([0, height])
    corners = np.array([left - reach - edge, right + reach - edge, right + reach + edge,
                        left - reach + edge])  # fmt: skip
    cv2.fillConvexPoly(kept, corners.round().astype(np.int32), [int(random.integers(0, 50))] * 3)
    return kept


def _patch(kept: Pixels, random: Random) -> Pixels:
    """A hand, a shoulder, a cup: some rectangle over some part of the face."""
    side = kept.shape[0]
    size = random.uniform(0.12, 0.4, 2) * side
    x, y = random.uniform(0, side - size)
    corners = np.array([(x, y), (x + size[0], y), (x + size[0], y + size[1]), (x, y + size[1])])
    return _filled(kept, corners, random)


def _filled(kept: Pixels, corners: Points, random: Random) -> Pixels:
    colour = random.integers(0, 256, 3).tolist()
    cv2.fillConvexPoly(kept, corners.round().astype(np.int32), colour)
    return kept


def _place(landmark: int, kept: Pixels) -> Points:
    """The position of a landmark of the template in a stored picture, in pixels."""
    return np.asarray((0.5 + (TEMPLATE[landmark] - 0.5) / MARGIN) * kept.shape[0])


def _pixels(picture: npt.NDArray[np.generic]) -> Pixels:
    return picture.astype(np.uint8, copy=False)


COVERED = 0.12
COVERS: tuple[Change, ...] = (_mask, _bar, _patch, _patch)
CHANGES: tuple[tuple[float, Change], ...] = (
    (0.2, _coloured),
    (0.1, _shaded),
    (0.7, _light),
    (0.15, _grey),
    (0.15, _blurred),
    (0.06, _sharpened),
    (0.08, _grainy),
    (0.35, _small),
    (0.08, _noisy),
    (0.3, _compressed),
)
"""The steps of augmentation in order, with their probabilities."""

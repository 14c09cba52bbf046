"""Converts whatever colours a file has to sRGB: profiles, CMYK, grey, palettes, 16 bits, alpha."""

import io
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image, ImageChops, ImageCms

from webapp.vision.decode.encodings import Encoding
from webapp.vision.decode.light import to_srgb
from webapp.vision.types import Pixels

WHITE = (255, 255, 255)
# What little CMS raises on a profile that is damaged or belongs to another colour model.
PROFILE_ERRORS = (ImageCms.PyCMSError, OSError, ValueError, TypeError)
STRIP_PIXELS = 1_000_000
"""Converted at once: a large photo is in memory twice, decoded and finished, not six times."""
COPIED_PIXELS = 3_000_000
"""The same where nothing is computed, which needs less memory: the usual photo in one piece."""
NEGLIGIBLE = 2
"""Of 255: a profile that changes no colour by more than this is sRGB with rounding errors."""
LARGEST_SRGB = 65_536
"""Bytes: the profiles of sRGB that are in use have up to 61,000."""
SAMPLE_SIDE = 256
"""Pixels of the copy that stands for a whole picture where highlights are pressed together."""
DEPTHS = (10, 12, 14, 16)
"""Bits that sensors and scanners give to a value that is stored in 16."""

Conversion = Callable[[Image.Image], Image.Image]
"""From one of the modes L, RGB, CMYK and LAB to RGB."""

# Colour space of a profile → Pillow's mode.
_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}


def write_srgb(image: Image.Image, colours: Encoding | bytes | None, pixels: Pixels) -> None:
    """Write a loaded Pillow image of any mode into ``pixels`` of its height and width: RGB
    ``uint8``, alpha laid over white. A turned view of an array is fine.

    ``colours`` is what its file declares (``declared_colours``). Raises ValueError for a mode that
    Pillow cannot convert.
    """
    eight_bits = _eight_bits(image)
    convert = _conversion(image, eight_bits, colours)
    at_once = COPIED_PIXELS if convert is _to_rgb else STRIP_PIXELS
    for strip, top in _strips(image, at_once):
        rgb = convert(_opaque(eight_bits(strip)))
        if strip.has_transparency_data:
            rgb.paste(WHITE, (0, 0, *rgb.size), ImageChops.invert(_alpha(strip)))
        pixels[top : top + strip.height] = np.asarray(rgb)


def _strips(image: Image.Image, at_once: int = STRIP_PIXELS) -> Iterator[tuple[Image.Image, int]]:
    """The picture in strips of full width, each with the number of its first row."""
    rows = max(1, at_once // image.width)
    if rows >= image.height:
        yield image, 0
        return
    for top in range(0, image.height, rows):
        yield image.crop((0, top, image.width, min(top + rows, image.height))), top


def _eight_bits(image: Image.Image) -> Conversion:
    """What scales grey of 16 bits to 8; nothing for other modes."""
    if not image.mode.startswith("I;16"):
        return lambda strip: strip
    highest = max(int(np.asarray(strip).max()) for strip, _ in _strips(image))
    depth = next(depth for depth in DEPTHS if highest < 2**depth)
    return lambda strip: Image.fromarray(
        np.right_shift(np.asarray(strip), depth - 8).astype(np.uint8)
    )


def _alpha(image: Image.Image) -> Image.Image:
    """Mode L, 255 where a picture is opaque."""
    clear: Any = image.info.get("transparency")  # a value, one per colour or one per index
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) != clear).astype(np.uint8) * np.uint8(255))
    if image.mode == "RGB" and max(clear) > 255:  # stored in 16 bits, of which Pillow reads 8
        image.info["transparency"] = tuple(value >> 8 for value in clear)
    return image.convert("RGBA").getchannel("A")


def _opaque(image: Image.Image) -> Image.Image:
    """The picture without transparency, in a mode that conversions accept."""
    if image.mode in ("L", "RGB", "CMYK", "LAB"):
        return image
    if image.mode == "P" and image.has_transparency_data:
        image = image.convert("RGBA")  # Pillow warns of losing the transparency elsewhere
    return image.convert("L" if image.mode in ("1", "LA") else "RGB")


def _conversion(
    image: Image.Image, eight_bits: Conversion, colours: Encoding | bytes | None
) -> Conversion:
    sides = (min(image.width, SAMPLE_SIDE), min(image.height, SAMPLE_SIDE))
    sample = _opaque(eight_bits(image.resize(sides, Image.Resampling.NEAREST)))
    if sample.mode == "LAB":
        convert = _through(ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")), "LAB")
    elif isinstance(colours, bytes):
        if sample.mode == "RGB" and len(colours) <= LARGEST_SRGB and _is_srgb(colours):
            return _to_rgb
        convert = _from_profile(colours, sample)
    elif isinstance(colours, Encoding) and sample.mode in ("L", "RGB"):
        convert = _from_encoding(colours, sample)
    else:
        convert = _to_rgb
    return convert


def _to_rgb(image: Image.Image) -> Image.Image:
    return image if image.mode == "RGB" else image.convert("RGB")


def _from_encoding(encoding: Encoding, sample: Image.Image) -> Conversion:
    convert = to_srgb(encoding, np.asarray(_to_rgb(sample)))
    return lambda strip: Image.fromarray(convert(np.asarray(_to_rgb(strip))))


def _from_profile(profile: bytes, sample: Image.Image) -> Conversion:
    """Converts without the profile if that is damaged or for another colour model."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        wanted = _MODES.get(source.profile.xcolor_space.strip())
        if wanted == sample.mode or (wanted in ("L", "RGB") and _is_grey(sample)):
            return _through(source, wanted)
    except PROFILE_ERRORS:
        pass
    return _to_rgb


def _is_grey(sample: Image.Image) -> bool:
    """Also where Pillow makes three colours of it, as of a PNG's 16 bits with alpha."""
    if sample.mode != "RGB":
        return sample.mode == "L"
    red, green, blue = sample.split()
    return red == green == blue


def _through(source: ImageCms.ImageCmsProfile, mode: str) -> Conversion:
    transform = ImageCms.buildTransform(source, _srgb_profile(), mode, "RGB")

    def convert(strip: Image.Image) -> Image.Image:
        colours = strip if strip.mode == mode else strip.convert(mode)
        return ImageCms.applyTransform(colours, transform) or colours

    return convert


@lru_cache(maxsize=1)
def _srgb_profile() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


@lru_cache(maxsize=16)
def _is_srgb(profile: bytes) -> bool:
    """Whether colours from all over the cube stay as they are: most profiles say nothing else."""
    levels = np.linspace(0, 255, 9).round().astype(np.uint8)
    cube = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(9, -1, 3)
    image = Image.fromarray(cube)
    convert = _from_profile(profile, image)
    change = np.asarray(convert(image)).astype(int) - cube
    return convert is not _to_rgb and int(np.abs(change).max()) <= NEGLIGIBLE

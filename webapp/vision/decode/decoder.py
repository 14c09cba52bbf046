"""In the decoder process: a photo's bytes become upright sRGB pixels, or a typed error."""

import io
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pillow_heif
from PIL import Image

from webapp.vision.decode import tiff
from webapp.vision.decode.colour import write_srgb
from webapp.vision.decode.damage import CODEC_ERRORS, DAMAGED
from webapp.vision.decode.encodings import declared_colours
from webapp.vision.decode.limits import PhotoLimits
from webapp.vision.decode.structure import refuse_costly, webp_size
from webapp.vision.errors import NotAPhoto, PhotoTooLarge, UnreadablePhoto, UnsupportedPhoto
from webapp.vision.types import Pixels

pillow_heif.register_heif_opener()

# Our own limit is checked from the header right after opening; Pillow's would only warn.
Image.MAX_IMAGE_PIXELS = None

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")

# Beginnings of files of the formats above; HEIC and AVIF have theirs four bytes in.
SIGNATURES = (b"\xff\xd8", b"\x89PNG", b"GIF8", b"BM", *tiff.SIGNATURES)
ORIENTATION_TAG = 0x0112
STORED: Mapping[int, Callable[[Pixels], Pixels]] = {
    1: lambda upright: upright,
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.transpose(1, 0, 2),
    6: lambda upright: np.rot90(upright, 1),
    7: lambda upright: np.rot90(upright, 2).transpose(1, 0, 2),
    8: lambda upright: np.rot90(upright, -1),
}
"""EXIF orientation (CIPA DC-008, tag 0x0112) → the upright picture's pixels, seen as they are
stored; what is written there is turned upright.
"""

SIDEWAYS = (5, 6, 7, 8)
FAINT = 16
"""Of 256 levels: what 12 of 16 bits reach."""
LONGEST_SIDE = 65_500
"""Pixels: what libjpeg can write, so every photo that is accepted can be downloaded as a JPEG."""


@dataclass(frozen=True, eq=False)
class Decoded:
    """Upright pixels, RGB ``uint8``, and the sides of the full resolution that they may be less
    than.
    """

    pixels: Pixels
    width: int
    height: int


def open_photo(data: bytes, limits: PhotoLimits) -> Image.Image:
    """The first picture of a JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC file, not decoded yet.

    Raises PhotoTooLarge (pixels), UnsupportedPhoto (a picture of a kind that is not read),
    NotAPhoto (anything else), UnreadablePhoto (truncated, damaged), PhotoTooCostly or MemoryError.
    """
    _refuse_large(*webp_size(data), limits)
    image = _open(data)
    _refuse_large(*image.size, limits)
    return image


def decode_image(image: Image.Image, data: bytes, preview: PhotoLimits | None = None) -> Decoded:
    """Decode an opened photo; a JPEG only as far as the limits ask of a ``preview``.

    The result is upright (EXIF orientation applied), sRGB (whatever the file declares converted,
    highlights of PQ and HLG pressed below white) and lies over white where it was transparent.
    Raises UnreadablePhoto (truncated, damaged), UnsupportedPhoto or MemoryError.
    """
    width, height = image.size
    if preview is not None:
        _reduce_decoding(image, preview)
    is_reduced = image.size != (width, height)
    pixels = _upright_pixels(image, data)
    if not is_reduced:
        height, width = pixels.shape[:2]
    elif _orientation(image) in SIDEWAYS:
        width, height = height, width
    return Decoded(pixels, width, height)


def _refuse_large(width: int, height: int, limits: PhotoLimits) -> None:
    if width * height > limits.max_pixels:
        raise PhotoTooLarge(
            "The photo has %(pixels)s megapixels; the limit is %(limit)s.",
            pixels=round(width * height / 1e6, 1),
            limit=limits.max_pixels / 1e6,
        )
    if max(width, height) > LONGEST_SIDE:
        raise PhotoTooLarge(
            "The photo is %(pixels)s pixels long; the limit is %(limit)s.",
            pixels=max(width, height),
            limit=LONGEST_SIDE,
        )


def _open(data: bytes) -> Image.Image:
    refuse_costly(data)
    if tiff.is_tiff(data):
        tiff.refuse_unread(data)
        data = tiff.first_picture(data)
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except CODEC_ERRORS as error:
        raise _refusal(data) from error


def _refusal(data: bytes) -> UnreadablePhoto:
    """The error for a file that no codec accepts."""
    if tiff.is_tiff(data):
        return tiff.unsupported()
    if _has_known_signature(data):
        return UnreadablePhoto(DAMAGED)
    return NotAPhoto("The file is not a photo; use JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC.")


def _has_known_signature(data: bytes) -> bool:
    riff_webp = data.startswith(b"RIFF") and data[8:12] == b"WEBP"
    iso_media = data[4:8] == b"ftyp"
    return data.startswith(SIGNATURES) or riff_webp or iso_media


def _reduce_decoding(image: Image.Image, limits: PhotoLimits) -> None:
    """Let the JPEG decoder skip detail beyond the preview's (DCT scaling)."""
    full_size = image.size
    area = math.sqrt(limits.preview_pixels / math.prod(full_size))
    scale = max(limits.preview_long_side / max(full_size), area)
    if image.format in ("JPEG", "MPO") and scale < 1:  # MPO: a JPEG with further pictures behind
        image.draft(None, (max(1, int(full_size[0] * scale)), max(1, int(full_size[1] * scale))))


def _upright_pixels(image: Image.Image, data: bytes) -> Pixels:
    try:
        colours = declared_colours(image, data)
        image.load()
        _refuse_faint(image, data)
        orientation = _orientation(image)
        width, height = image.size
        sides = (width, height) if orientation in SIDEWAYS else (height, width)
        pixels = np.empty((*sides, 3), np.uint8)
        write_srgb(image, colours, STORED[orientation](pixels))
    except CODEC_ERRORS as error:
        raise UnreadablePhoto(DAMAGED) from error
    return pixels


def _refuse_faint(image: Image.Image, data: bytes) -> None:
    """Raise UnsupportedPhoto for colour of 16 bits that hold a sensor's 10 or 12 alone: Pillow
    reads the upper 8 bits, where next to nothing is left of it.
    """
    has_sixteen_bits = (
        data[24] == 16
        if image.format == "PNG"
        else tiff.is_tiff(data) and tiff.has_sixteen_bits(data)
    )
    if has_sixteen_bits and image.mode in ("RGB", "RGBA"):
        brightest = np.ravel(image.getextrema())[1:6:2].max()
        if 0 < brightest < FAINT:
            raise UnsupportedPhoto(
                "The photo uses at most 12 of its 16 bits per colour; send it with 8 bits."
            )


def _orientation(image: Image.Image) -> int:
    """A key of ``STORED``; 1 where EXIF does not tell."""
    try:
        orientation = image.getexif().get(ORIENTATION_TAG)
    except CODEC_ERRORS:
        return 1  # damaged EXIF spoils no good picture
    return orientation if isinstance(orientation, int) and orientation in STORED else 1

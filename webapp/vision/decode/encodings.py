"""What a file says about its colours without a profile: primaries, white point and curve."""

import io
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeGuard

import numpy as np
import pillow_heif
from PIL import ExifTags, Image

from webapp.vision.decode.damage import CODEC_ERRORS

Primaries = tuple[float, float, float, float, float, float, float, float]
"""CIE x and y of red, green, blue and white."""

_D65 = (0.3127, 0.3290)
BT709: Primaries = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, *_D65)
ADOBE_RGB: Primaries = (0.64, 0.33, 0.21, 0.71, 0.15, 0.06, *_D65)
_SMPTE170: Primaries = (0.630, 0.340, 0.310, 0.595, 0.155, 0.070, *_D65)
_BT2020: Primaries = (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, *_D65)
_DCI_P3: Primaries = (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.314, 0.351)
_DISPLAY_P3: Primaries = (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, *_D65)
_PRIMARIES: Mapping[int, Primaries] = {
    4: (0.67, 0.33, 0.21, 0.71, 0.14, 0.08, 0.310, 0.316),
    5: (0.64, 0.33, 0.29, 0.60, 0.15, 0.06, *_D65),
    **{6: _SMPTE170, 7: _SMPTE170},
    **{9: _BT2020, 11: _DCI_P3, 12: _DISPLAY_P3},
    22: (0.630, 0.340, 0.295, 0.605, 0.155, 0.077, *_D65),
}
"""ITU-T H.273, table 2; what is not here is taken for BT.709."""

SRGB_CURVE, PQ, HLG = "sRGB", "PQ", "HLG"
# ITU-T H.273, table 3. The camera curves of video (1, 6, 14, 15) are not inverted: what they make
# is meant for displays that decode it much as sRGB does.
_CURVES: Mapping[int, str | float] = {4: 2.2, 5: 2.8, 8: 1.0, 16: PQ, 18: HLG}
# PNG's gAMA is the exponent of encoding times 100000; these are the limits of what makes sense.
_GAMMAS = (0.1, 2.0)
_LEAST_AREA = 0.01  # twice a triangle of xy; that of BT.709 has 0.22
_MOST_TAGS = 100
_ADOBE_GAMMA = 563 / 256
_INTEROPERABILITY_INDEX = 1


@dataclass(frozen=True)
class Encoding:
    """How RGB values stand for light; ``curve`` is a name above or the exponent of decoding."""

    primaries: Primaries = BT709
    curve: str | float = SRGB_CURVE


def declared_colours(image: Image.Image, data: bytes) -> Encoding | bytes | None:
    """An encoding, an ICC profile, or nothing, which means sRGB.

    Where a file says several things the strongest counts: PNG (third edition, section 4.3) has
    cICP, iCCP, sRGB, gAMA and cHRM in this order; elsewhere a profile beats numbers.
    """
    if image.format == "PNG" and (cicp := _png_cicp(data)):
        return cicp
    profile: bytes | None = image.info.get("icc_profile")
    if profile:
        return _profile_of_hdr(profile) or profile
    if image.format == "PNG":
        return _png_gamma(image)
    if image.format in ("HEIF", "AVIF"):
        return _nclx(image, data)
    return _adobe_rgb(image)


def _from_code_points(primaries: int, curve: int) -> Encoding:
    """Of two code points of ITU-T H.273."""
    return Encoding(_PRIMARIES.get(primaries, BT709), _CURVES.get(curve, SRGB_CURVE))


def _profile_of_hdr(profile: bytes) -> Encoding | None:
    """Of a profile's tag ``cicp`` (ICC.1:2022, section 9.2.17) where that is PQ or HLG: to the
    curves of such a profile the brightest highlight is white, and the picture nearly black.
    """
    tags = int.from_bytes(profile[128:132], "big")
    for place in range(132, 132 + 12 * min(tags, _MOST_TAGS), 12):
        if profile[place : place + 4] == b"cicp":
            offset = int.from_bytes(profile[place + 4 : place + 8], "big")
            body = profile[offset + 8 : offset + 12]
            encoding = _from_code_points(*body[:2]) if len(body) == 4 else Encoding()
            return encoding if encoding.curve in (PQ, HLG) else None
    return None


def _png_cicp(data: bytes) -> Encoding | None:
    bodies = (body for kind, body in _png_head(data) if kind == b"cICP" and len(body) == 4)
    return next((_from_code_points(body[0], body[1]) for body in bodies), None)


def _png_head(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and body of the chunks before the pixels."""
    place = 8
    while place + 8 <= len(data) and data[place + 4 : place + 8] != b"IDAT":
        (length,) = struct.unpack_from(">I", data, place)
        yield data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        place += 12 + length


def _png_gamma(image: Image.Image) -> Encoding | None:
    if "srgb" in image.info:
        return None
    gamma = image.info.get("gamma", 0)
    curve = 1 / gamma if _GAMMAS[0] <= gamma <= _GAMMAS[1] else SRGB_CURVE
    white_first = image.info.get("chromaticity", ())
    primaries = (*white_first[2:], *white_first[:2])
    return Encoding(primaries if _span_colours(primaries) else BT709, curve)


def _span_colours(primaries: tuple[float, ...]) -> TypeGuard[Primaries]:
    """Whether primaries are corners of a triangle of some area with white inside."""
    if len(primaries) != 8 or min(primaries) <= 0:
        return False
    corners = np.vstack([np.reshape(primaries, (4, 2)).T, np.ones(4)])
    if abs(np.linalg.det(corners[:, :3])) < _LEAST_AREA:
        return False
    return bool((np.linalg.solve(corners[:, :3], corners[:, 3]) > 0).all())


def _nclx(image: Image.Image, data: bytes) -> Encoding | None:
    """From the box ``colr``; Pillow does not report AVIF's, but libheif reads it, too."""
    info = image.info if image.format == "HEIF" else _libheif_info(data)
    nclx = info.get("nclx_profile")
    if not nclx:
        return None
    return _from_code_points(nclx["color_primaries"], nclx["transfer_characteristics"])


def _libheif_info(data: bytes) -> Mapping[str, Mapping[str, int]]:
    try:
        info: Mapping[str, Mapping[str, int]] = pillow_heif.open_heif(io.BytesIO(data)).info
    except CODEC_ERRORS:
        return {}  # a sequence without a still picture, which libavif reads
    return info


def _adobe_rgb(image: Image.Image) -> Encoding | None:
    """Of cameras, which name Adobe RGB in EXIF alone (DCF 2.0: interoperability index R03)."""
    exif = image.info.get("exif") or b""
    if b"R03" not in exif:
        return None
    try:
        index = image.getexif().get_ifd(ExifTags.IFD.Interop).get(_INTEROPERABILITY_INDEX)
    except CODEC_ERRORS:
        return None  # damaged EXIF spoils no good picture
    return Encoding(ADOBE_RGB, _ADOBE_GAMMA) if index == "R03" else None

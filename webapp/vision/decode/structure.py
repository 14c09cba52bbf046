"""Checks a file before a codec opens it: its declared size, and files to refuse at once.

A file that needs more than its share of memory and time kills its decoder. Refused here are files
that could use up the large share of a photo of many pixels and are easily recognised.
"""

import re
import struct
from collections.abc import Iterator

from webapp.vision.errors import PhotoTooCostly

# Each scan of a progressive JPEG passes over the whole picture. libjpeg writes 10, or 24 for CMYK.
MOST_SCANS = 40
# Pixels of all components that all scans pass over: thirty times 50 megapixels.
MOST_SCANNED = 1_500_000_000
# Pixels, and bytes: run-length coded BMP files are read by Python code, run by run, and line ends
# pixel by pixel.
MOST_RUN_LENGTH = 4_000_000

# In between lie the coded pixels of a scan, where 0xFF is followed by 0 or a restart marker.
_JPEG_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_SCAN, _END = 0xDA, 0xD9
# Start of frame, which has the size; C4, C8 and CC are tables.
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}

_Segment = tuple[int, bytes]
"""Of a JPEG: marker and the first bytes of the payload."""


def refuse_costly(data: bytes) -> None:
    """Raise PhotoTooCostly for a JPEG with very many scans or a large run-length coded BMP."""
    is_jpeg, is_bmp = data.startswith(b"\xff\xd8"), data.startswith(b"BM")
    if (is_jpeg and _is_costly_jpeg(data)) or (is_bmp and _is_costly_bmp(data)):
        raise PhotoTooCostly


def webp_size(data: bytes) -> tuple[int, int]:
    """Width and height of a WebP file (RFC 9649, sections 2.5 to 2.7), whose codec reserves memory
    for its pixels as soon as it opens it; nothing for other or damaged files.
    """
    if not data.startswith(b"RIFF") or data[8:12] != b"WEBP" or len(data) < 30:
        return 0, 0
    kind = data[12:16]
    if kind == b"VP8X":
        less_one = (int.from_bytes(data[24:27], "little"), int.from_bytes(data[27:30], "little"))
        return less_one[0] + 1, less_one[1] + 1
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF


def _is_costly_jpeg(data: bytes) -> bool:
    segments = list(_jpeg_segments(data))
    scans = [payload for marker, payload in segments if marker == _SCAN]
    components = sum(scan[0] for scan in scans if scan)
    return len(scans) > MOST_SCANS or components * _jpeg_pixels(segments) > MOST_SCANNED


def _jpeg_pixels(segments: list[_Segment]) -> int:
    """Pixels of the largest frame: a file has one, a hostile file may have more."""
    frames = (body for marker, body in segments if marker in _FRAMES and len(body) >= 5)
    sizes = (struct.unpack_from(">HH", body, 1) for body in frames)
    return max((height * width for height, width in sizes), default=0)


def _jpeg_segments(data: bytes) -> Iterator[_Segment]:
    """Every segment up to the end of the first picture."""
    position = 2
    while found := _JPEG_MARKER.search(data, position):
        marker, start = found[0][1], found.end()
        if marker == _END:
            return
        length = max(2, int.from_bytes(data[start : start + 2], "big"))
        yield marker, data[start + 2 : start + min(length, 8)]
        position = start + length


def _is_costly_bmp(data: bytes) -> bool:
    """Whether a BMP is run-length coded and large (compression 1 or 2 of BITMAPINFOHEADER)."""
    if len(data) < 34 or data[30:34] not in (b"\1\0\0\0", b"\2\0\0\0"):
        return False
    width, height = struct.unpack_from("<ii", data, 18)
    return bool(max(abs(width * height), len(data)) > MOST_RUN_LENGTH)

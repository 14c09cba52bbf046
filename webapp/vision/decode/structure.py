"""A look at a file's structure before a codec opens it: some small files cost far too much to read.

Codecs read what a file declares, again and again if it says so. What is refused here would keep a
core busy for minutes or fill gigabytes of memory, and no camera or program writes it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from itertools import islice, takewhile

from webapp.vision.errors import UnreadablePhoto

# Each scan of a progressive JPEG passes over the whole picture. libjpeg writes 10, or 24 for CMYK.
MOST_SCANS = 40
# Pixels of all components that all scans pass over: thirty times 50 megapixels.
MOST_SCANNED = 1_500_000_000
# Segments of a JPEG, chunks of a PNG, blocks of a GIF before its picture.
MOST_SEGMENTS = 5000
# A PNG's pixels may come in many chunks, but not in smaller ones than this on the average.
LEAST_CHUNK_BYTES = 1000
# EXIF and Photoshop blocks of a JPEG together: Pillow takes them apart value by value.
MOST_METADATA = 4_000_000
# Between the segments of a JPEG, where Pillow reads on byte by byte.
MOST_JUNK = 100_000
# Run-length coded BMP files are read by Python code, run by run, and line ends pixel by pixel.
MOST_RUN_LENGTH_BYTES = 4_000_000
MOST_RUN_LENGTH_PIXELS = 10_000_000
# What the entries of a TIFF or EXIF directory may declare beyond the bytes that are there.
MOST_BORROWED = 1_000_000
# Strips or tiles of a TIFF, each of which becomes an object; one a row is usual at most.
MOST_PIECES = 200_000

# In between lie the coded pixels of a scan, where 0xFF is followed by 0 or a restart marker.
_JPEG_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_SCAN, _END, _APP1, _APP13 = 0xDA, 0xD9, 0xE1, 0xED
# Start of frame, which tells the size; C4, C8 and CC are tables.
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_EXIF = b"Exif\0\0"
_PNG, _GIF, _BMP = b"\x89PNG\r\n\x1a\n", b"GIF8", b"BM"
_GIF_EXTENSION, _GIF_IMAGE = 0x21, 0x2C
# Bytes of one value of each TIFF field type (TIFF 6.0, section 2; 13, 16 to 18 from BigTIFF).
_VALUE_BYTES = {
    **{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8},
    **{13: 4, 16: 8, 17: 8, 18: 8},
}
_STRIP_OFFSETS, _TILE_OFFSETS = 273, 324

_Segment = tuple[int, int, bytes]
"""Of a JPEG: bytes of junk in front, marker, payload."""


def refuse_costly(data: bytes) -> None:
    """Raise UnreadablePhoto for a file made to cost far more than it shows."""
    if any(data.startswith(begin) and is_costly(data) for begin, is_costly in _COSTLY):
        raise UnreadablePhoto("The photo is stored in a way that takes too long to read.")


def is_costly_directory(tiff: bytes) -> bool:
    """Whether the first directory of a TIFF file or EXIF block declares much more than is there."""
    entries = list(_entries(tiff))
    declared = sum(count * _VALUE_BYTES.get(kind, 0) for _, kind, count in entries)
    pieces = (count for tag, _, count in entries if tag in (_STRIP_OFFSETS, _TILE_OFFSETS))
    return declared > len(tiff) + MOST_BORROWED or max(pieces, default=0) > MOST_PIECES


def _is_costly_jpeg(data: bytes) -> bool:
    segments = list(islice(_jpeg_segments(data), MOST_SEGMENTS + 1))
    scans = [payload for _, marker, payload in segments if marker == _SCAN]
    exif = [body for _, kind, body in segments if kind == _APP1 and body.startswith(_EXIF)]
    photoshop = [body for _, kind, body in segments if kind == _APP13]
    return (
        len(segments) > MOST_SEGMENTS
        or len(scans) > MOST_SCANS
        or sum(map(_components, scans)) * _jpeg_pixels(segments) > MOST_SCANNED
        or sum(map(len, exif + photoshop)) > MOST_METADATA
        or _junk_before_pixels(segments) > MOST_JUNK
        or is_costly_directory(b"".join(body.removeprefix(_EXIF) for body in exif))
    )


def _components(scan: bytes) -> int:
    return scan[0] if scan else 0


def _jpeg_pixels(segments: list[_Segment]) -> int:
    """Pixels of the largest frame: a file has one, a hostile file may have more."""
    frames = (body for _, marker, body in segments if marker in _FRAMES and len(body) >= 5)
    sizes = (struct.unpack_from(">HH", body, 1) for body in frames)
    return max((height * width for height, width in sizes), default=0)


def _junk_before_pixels(segments: list[_Segment]) -> int:
    before = takewhile(lambda segment: segment[1] != _SCAN, segments)
    first_scan = (junk for junk, marker, _ in segments if marker == _SCAN)
    return sum(junk for junk, _, _ in before) + next(first_scan, 0)


def _jpeg_segments(data: bytes) -> Iterator[_Segment]:
    """Junk in front, marker and payload of every segment up to the end of the first picture."""
    position = 2
    while found := _JPEG_MARKER.search(data, position):
        marker, start = found[0][1], found.end()
        if marker == _END:
            return
        length = max(2, int.from_bytes(data[start : start + 2], "big"))
        yield found.start() - position, marker, data[start + 2 : start + length]
        position = start + length


def _is_costly_png(data: bytes) -> bool:
    most = MOST_SEGMENTS + len(data) // LEAST_CHUNK_BYTES
    return sum(1 for _ in islice(_png_chunks(data), most + 1)) > most


def _png_chunks(data: bytes) -> Iterator[int]:
    """Where each chunk begins."""
    place = len(_PNG)
    while place + 12 <= len(data):
        yield place
        place += 12 + int.from_bytes(data[place : place + 4], "big")


def _is_costly_gif(data: bytes) -> bool:
    return sum(1 for _ in islice(_gif_blocks(data), MOST_SEGMENTS + 1)) > MOST_SEGMENTS


def _gif_blocks(data: bytes) -> Iterator[int]:
    """Where each block of each extension before the first picture begins, and each junk byte."""
    place = 13 + (3 << (data[10] & 7) + 1 if len(data) > 10 and data[10] & 0x80 else 0)
    while place < len(data) and data[place] != _GIF_IMAGE:
        is_extension = data[place] == _GIF_EXTENSION
        yield place
        place += 2 if is_extension else 1
        while is_extension and place < len(data) and data[place]:
            yield place
            place += 1 + data[place]


def _is_costly_bmp(data: bytes) -> bool:
    """Whether a BMP is run-length coded and large (compression 1 or 2 of BITMAPINFOHEADER)."""
    if len(data) < 34 or data[30:34] not in (b"\1\0\0\0", b"\2\0\0\0"):
        return False
    width, height = struct.unpack_from("<ii", data, 18)
    return len(data) > MOST_RUN_LENGTH_BYTES or abs(width * height) > MOST_RUN_LENGTH_PIXELS


def _entries(tiff: bytes) -> Iterator[tuple[int, int, int]]:
    """Tag, type and number of values of every entry of the first directory."""
    order = ">" if tiff.startswith(b"M") else "<"
    is_big = tiff[2:4] in (b"+\0", b"\0+")
    start, offset, number, entry = (8, "Q", "Q", "HHQ8x") if is_big else (4, "I", "H", "HHI4x")
    try:
        (first,) = struct.unpack_from(order + offset, tiff, start)
        (entries,) = struct.unpack_from(order + number, tiff, first)
    except (struct.error, OverflowError):
        return  # cut off, or beyond any file; the codec will say so
    first += struct.calcsize(order + number)
    size = struct.calcsize(order + entry)
    there = min(entries, (len(tiff) - first) // size)
    yield from struct.iter_unpack(order + entry, tiff[first : first + there * size])


_COSTLY: tuple[tuple[bytes, Callable[[bytes], bool]], ...] = (
    (b"\xff\xd8", _is_costly_jpeg),
    (_PNG, _is_costly_png),
    (_GIF, _is_costly_gif),
    (_BMP, _is_costly_bmp),
    (b"II", is_costly_directory),
    (b"MM", is_costly_directory),
)
"""How a file begins → what is looked for in it."""

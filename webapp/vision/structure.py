"""A look at a file's structure before a codec opens it: some small files cost far too much to read.

Codecs read what a file declares, again and again if it says so. What is refused here would keep a
core busy for minutes or fill gigabytes of memory, and no camera or program writes it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from itertools import islice

from webapp.vision.errors import UnreadablePhoto

# Each scan of a progressive JPEG passes over the whole picture. libjpeg writes 10, or 24 for CMYK.
MOST_SCANS = 40
MOST_SEGMENTS = 5000
# What the entries of a TIFF or EXIF directory may declare beyond the bytes that are there.
MOST_BORROWED = 1_000_000
# Strips or tiles of a TIFF, each of which becomes an object; one a row is usual at most.
MOST_PIECES = 200_000

# In between lie the coded pixels of a scan, where 0xFF is followed by 0 or a restart marker.
_JPEG_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_SCAN, _END, _APP1 = 0xDA, 0xD9, 0xE1
_EXIF = b"Exif\0\0"
# Bytes of one value of each TIFF field type (TIFF 6.0, section 2; 13, 16 to 18 from BigTIFF).
_VALUE_BYTES = {
    **{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8},
    **{13: 4, 16: 8, 17: 8, 18: 8},
}
_STRIP_OFFSETS, _TILE_OFFSETS = 273, 324


def refuse_costly(data: bytes) -> None:
    """Raise UnreadablePhoto for a JPEG or TIFF file made to cost far more than it shows."""
    if data.startswith(b"\xff\xd8"):
        costly = _is_costly_jpeg(data)
    else:
        costly = data.startswith((b"II", b"MM")) and is_costly_directory(data)
    if costly:
        raise UnreadablePhoto("The photo is stored in a way that takes too long to read.")


def is_costly_directory(tiff: bytes) -> bool:
    """Whether the first directory of a TIFF file or EXIF block declares much more than is there."""
    entries = list(_entries(tiff))
    declared = sum(count * _VALUE_BYTES.get(kind, 0) for _, kind, count in entries)
    pieces = (count for tag, _, count in entries if tag in (_STRIP_OFFSETS, _TILE_OFFSETS))
    return declared > len(tiff) + MOST_BORROWED or max(pieces, default=0) > MOST_PIECES


def _is_costly_jpeg(data: bytes) -> bool:
    segments = list(islice(_jpeg_segments(data), MOST_SEGMENTS + 1))
    scans = sum(marker == _SCAN for marker, _ in segments)
    exif = b"".join(
        payload.removeprefix(_EXIF)
        for marker, payload in segments
        if marker == _APP1 and payload.startswith(_EXIF)
    )
    return scans > MOST_SCANS or len(segments) > MOST_SEGMENTS or is_costly_directory(exif)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and payload of every segment up to the end of the first picture."""
    position = 2
    while found := _JPEG_MARKER.search(data, position):
        marker, start = found[0][1], found.end()
        if marker == _END:
            return
        length = max(2, int.from_bytes(data[start : start + 2], "big"))
        yield marker, data[start + 2 : start + length]
        position = start + length


def _entries(tiff: bytes) -> Iterator[tuple[int, int, int]]:
    """Tag, type and number of values of every entry of the first directory."""
    order = ">" if tiff.startswith(b"M") else "<"
    is_big = tiff[2:4] in (b"+\0", b"\0+")
    start, offset, number, entry = (8, "Q", "Q", "HHQ8x") if is_big else (4, "I", "H", "HHI4x")
    try:
        (first,) = struct.unpack_from(order + offset, tiff, start)
        (entries,) = struct.unpack_from(order + number, tiff, first)
    except struct.error:
        return  # cut off; the codec will say so
    first += struct.calcsize(order + number)
    size = struct.calcsize(order + entry)
    there = min(entries, (len(tiff) - first) // size)
    yield from struct.iter_unpack(order + entry, tiff[first : first + there * size])

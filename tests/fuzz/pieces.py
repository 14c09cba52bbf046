"""Where the parts of a picture's file lie, so that mutations hit what its codec steers by."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Piece:
    """A chunk, segment, box or directory entry: its bytes, and where it says how long it is."""

    start: int
    end: int
    # Place, number of bytes and byte order of the field that tells a length or a count.
    length_at: int
    length_bytes: int
    order: str


def pieces(data: bytes) -> list[Piece]:
    """The parts of a file in their order; none for a format without parts, or for damage."""
    if data.startswith(PNG_SIGNATURE):
        return list(_png(data))
    if data.startswith(b"\xff\xd8"):
        return list(_jpeg(data))
    if data.startswith(b"RIFF"):
        return list(_riff(data))
    if data[4:8] == b"ftyp":
        return list(_boxes(data, 0, len(data)))
    if data.startswith((b"II*\0", b"MM\0*")):
        return list(_tiff(data))
    return []


def png_chunk(kind: bytes, body: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + body))
    return struct.pack(">I", len(body)) + kind + body + checksum


def with_right_checksums(data: bytes) -> bytes:
    """A PNG whose chunks all pass their check, so that the decoder sees what was changed."""
    mended = bytearray(data)
    for piece in _png(data):
        body = data[piece.start + 4 : piece.end - 4]
        mended[piece.end - 4 : piece.end] = struct.pack(">I", zlib.crc32(body))
    return bytes(mended)


def _png(data: bytes) -> Iterator[Piece]:
    place = len(PNG_SIGNATURE)
    while place + 12 <= len(data):
        end = place + 12 + int.from_bytes(data[place : place + 4], "big")
        if end > len(data):
            return
        yield Piece(place, end, place, 4, "big")
        place = end


def _jpeg(data: bytes) -> Iterator[Piece]:
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        if data[place + 1] == 0xD9:
            return
        end = place + 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        if data[place + 1] == 0xDA:  # a scan lasts until the next marker
            while end + 1 < len(data) and not (
                data[end] == 0xFF and data[end + 1] not in (0, *range(0xD0, 0xD8))
            ):
                end += 1
        yield Piece(place, min(end, len(data)), place + 2, 2, "big")
        place = end


def _riff(data: bytes) -> Iterator[Piece]:
    place = 12
    while place + 8 <= len(data):
        size = int.from_bytes(data[place + 4 : place + 8], "little")
        end = min(place + 8 + size + size % 2, len(data))
        yield Piece(place, end, place + 4, 4, "little")
        place = end


def _boxes(data: bytes, place: int, stop: int) -> Iterator[Piece]:
    """Boxes of ISO/IEC 14496-12, with those inside the ones that hold others."""
    inside = {b"meta": 12, b"iprp": 8, b"ipco": 8, b"iinf": 14, b"iref": 12}
    while place + 8 <= stop:
        size = int.from_bytes(data[place : place + 4], "big")
        if size < 8:
            return
        end = min(place + size, stop)
        yield Piece(place, end, place, 4, "big")
        if (skip := inside.get(data[place + 4 : place + 8])) is not None:
            yield from _boxes(data, place + skip, end)
        place = end


def _tiff(data: bytes) -> Iterator[Piece]:
    order = "little" if data.startswith(b"II") else "big"
    first = int.from_bytes(data[4:8], order)  # type: ignore[arg-type]
    entries = int.from_bytes(data[first : first + 2], order)  # type: ignore[arg-type]
    for number in range(entries):
        start = first + 2 + 12 * number
        if start + 12 > len(data):
            return
        yield Piece(start, start + 12, start + 4, 4, order)

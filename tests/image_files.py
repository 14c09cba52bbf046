"""TIFF and PNG files that no library writes: any samples, any tags and chunks."""

import struct
import zlib
from collections.abc import Sequence

import numpy as np

from tests.fuzz.pieces import png_chunk
from tests.samples import astronaut
from webapp.vision.decode import decode
from webapp.vision.types import Pixels

Entry = tuple[int, int, Sequence[int] | bytes]
"""Tag, field type, values."""

_LETTERS = {1: "B", 2: "B", 3: "H", 4: "I"}
_OFFSETS, _SUB_DIRECTORIES = 273, 330


def tiff(
    pixels: np.ndarray,
    *,
    order: str = "<",
    bits: int | None = None,
    planar: bool = False,
    photometric: int | None = None,
    entries: Sequence[Entry] = (),
    behind: Sequence[Entry] = (),
) -> bytes:
    """A file of ``pixels`` (height, width, samples); ``entries`` replace or join the usual ones,
    ``behind`` is a directory of its own that the first one points to.
    """
    height, width, samples = pixels.shape
    kinds = {"u": 1, "i": 2, "f": 3}
    stored = pixels.astype(pixels.dtype.newbyteorder(order))
    planes = list(np.moveaxis(stored, 2, 0)) if planar else [stored]
    strips = [np.ascontiguousarray(plane).tobytes() for plane in planes]
    usual: list[Entry] = [
        (256, 4, [width]),
        (257, 4, [height]),
        (258, 3, [bits or pixels.dtype.itemsize * 8] * samples),
        (259, 3, [1]),
        (262, 3, [photometric if photometric is not None else 2 if samples >= 3 else 1]),
        (_OFFSETS, 4, [0] * len(strips)),
        (277, 3, [samples]),
        (278, 4, [height]),
        (279, 4, [len(strip) for strip in strips]),
        (284, 3, [2 if planar else 1]),
        (339, 3, [kinds[pixels.dtype.kind]] * samples),
    ]
    if behind:
        usual.append((_SUB_DIRECTORIES, 4, [0]))
    fields = {entry[0]: entry for entry in (*usual, *entries)}
    head = 8 + len(_directory(fields, order, 8))
    second = _directory({entry[0]: entry for entry in behind}, order, head) if behind else b""
    place = head + len(second)
    starts = [place + sum(map(len, strips[:index])) for index in range(len(strips))]
    fields[_OFFSETS] = (_OFFSETS, 4, starts)
    if behind:
        fields[_SUB_DIRECTORIES] = (_SUB_DIRECTORIES, 4, [head])
    begin = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    return begin + _directory(fields, order, 8) + second + b"".join(strips)


_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}


def png(pixels: np.ndarray, *chunks: tuple[bytes, bytes]) -> bytes:
    """A file of ``pixels`` (height, width, samples), ``uint8`` or ``uint16``, with chunks of other
    kinds in front of them.
    """
    height, width, samples = pixels.shape
    big_endian = pixels.astype(pixels.dtype.newbyteorder(">"))
    rows = b"".join(b"\0" + row.tobytes() for row in big_endian)
    bits = pixels.dtype.itemsize * 8
    header = struct.pack(">IIBBBBB", width, height, bits, _COLOUR_TYPES[samples], 0, 0, 0)
    everything = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*one) for one in everything)


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG file of hardly any pixels that tells of so many."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(bytes(100)))
    return b"\x89PNG\r\n\x1a\n" + data + png_chunk(b"IEND", b"")


def difference(data: bytes, expected: Pixels | None = None) -> float:
    """How far a file's pixels are from the expected ones, on average; from the astronaut's where
    none are given.
    """
    pixels = decode(data).pixels
    expected = astronaut() if expected is None else expected
    if expected.ndim == 2:
        expected = np.repeat(expected[..., np.newaxis], 3, axis=2)
    assert pixels.shape == expected.shape
    return float(np.abs(pixels.astype(float) - expected).mean())


def _directory(fields: dict[int, Entry], order: str, place: int) -> bytes:
    """One directory with its longer values behind it."""
    table, values = struct.pack(order + "H", len(fields)), b""
    behind = place + 2 + 12 * len(fields) + 4
    for tag, kind, numbers in sorted(fields.values(), key=lambda entry: entry[0]):
        packed = struct.pack(f"{order}{len(numbers)}{_LETTERS[kind]}", *numbers)
        if len(packed) > 4:
            values += bytes(len(values) % 2)
            packed, values = struct.pack(order + "I", behind + len(values)), values + packed
        table += struct.pack(order + "HHI", tag, kind, len(numbers)) + packed.ljust(4, b"\0")
    return table + bytes(4) + values

"""Which TIFF files are supported: TIFF holds numbers of any kind, and some would decode wrongly.

Tags and their values are those of TIFF 6.0, TIFF/EP (ISO 12234-2) and DNG.
"""

import struct
from collections.abc import Mapping

from PIL import TiffImagePlugin

from webapp.vision.decode.damage import DAMAGED
from webapp.vision.errors import UnreadablePhoto, UnsupportedPhoto

# libtiff reads what Pillow's own loader shows as noise or not at all: planes of 16 bits, YCbCr.
TiffImagePlugin.READ_LIBTIFF = True

SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

_SUBFILE, _OLD_SUBFILE, _BITS, _COMPRESSION, _PHOTOMETRIC = 254, 255, 258, 259, 262
_MAKE, _SAMPLES, _PLANAR, _SUB_DIRECTORIES, _INK_SET, _FORMAT = 271, 277, 284, 330, 332, 339
_DNG_VERSION = 50706
_OLD_JPEG = 6
# Colour filter array and linear raw.
_RAW_PHOTOMETRICS = {32803, 34892}
# None, CCITT, LZW, JPEG, deflate, PackBits, LZMA, Zstandard.
_COMPRESSIONS = {1, 2, 3, 4, 5, 6, 7, 8, 32773, 32946, 34925, 50000}
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _CMYK, _YCBCR, _LAB = 0, 1, 2, 3, 5, 6, 8
# Photometric interpretation → bits of each sample.
_READ: Mapping[int, set[int]] = {
    _WHITE_IS_ZERO: {1, 2, 4, 8},
    _BLACK_IS_ZERO: {1, 2, 4, 8, 12, 16},
    _RGB: {8, 16},
    _PALETTE: {1, 2, 4, 8},
    _CMYK: {8, 16},
    _YCBCR: {8},
    _LAB: {8},
}
# Field type → how ``struct`` reads one value: BYTE, ASCII, SHORT, LONG, IFD, LONG8, IFD8.
_VALUES = {1: "B", 2: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
_NEEDED = {
    *(_SUBFILE, _OLD_SUBFILE, _BITS, _COMPRESSION, _PHOTOMETRIC),
    *(_SAMPLES, _PLANAR, _SUB_DIRECTORIES, _INK_SET, _FORMAT),
}
_MOST_ENTRIES = 1000
_MOST_VALUES = 8

_Directory = Mapping[int, tuple[int, ...]]
"""Tag → the first of its values, where they are needed."""


def is_tiff(data: bytes) -> bool:
    """Whether a file begins as TIFF or BigTIFF does."""
    return data.startswith(SIGNATURES)


def is_camera_raw(data: bytes) -> bool:
    """Whether a TIFF file holds raw sensor data, of which its first picture is only a preview."""
    first = _directory(data)
    others = [_directory(data, place) for place in first.get(_SUB_DIRECTORIES, ())]
    return (
        _DNG_VERSION in first
        or (_is_preview(first) and _MAKE in first)
        or any(_RAW_PHOTOMETRICS & {_first(one, _PHOTOMETRIC, 0)} for one in (first, *others))
    )


def refuse_unread(data: bytes) -> None:
    """Raise UnsupportedPhoto for a TIFF file that would become a wrong picture, or none, and
    UnreadablePhoto where the directory of its first picture is cut off.
    """
    first = _directory(data)
    if not first:
        raise UnreadablePhoto(DAMAGED)
    if not _is_read(first):
        raise unsupported()


def first_picture(data: bytes) -> bytes:
    """The same file without the link to its second directory, which Pillow would read although
    nobody needs it: damaged, it spoils a good picture; hostile, it takes seconds.
    """
    order, offset, number, head, room = _layout(data)
    try:
        (place,) = struct.unpack_from(order + offset, data, room)
        (entries,) = struct.unpack_from(order + number, data, place)
        place += struct.calcsize(order + number) + entries * (struct.calcsize(order + head) + room)
        (second,) = struct.unpack_from(order + offset, data, place)
    except (struct.error, OverflowError):
        return data
    return data[:place] + bytes(room) + data[place + room :] if second else data


def has_sixteen_bits(data: bytes) -> bool:
    """Whether the first picture has samples of 16 bits."""
    return _first(_directory(data), _BITS, 1) == 16


def unsupported() -> UnsupportedPhoto:
    """The error for an intact TIFF file of an unsupported kind."""
    return UnsupportedPhoto(
        "This kind of TIFF is not supported; send it with 8 bits per sample, or as a JPEG or PNG."
    )


def _is_read(picture: _Directory) -> bool:
    old_jpeg = _first(picture, _COMPRESSION, 1) == _OLD_JPEG
    photometric = _YCBCR if old_jpeg else _first(picture, _PHOTOMETRIC, _WHITE_IS_ZERO)
    bits = set(picture.get(_BITS, (1,)))
    grey_planes = _first(picture, _PLANAR, 1) == 2 and _first(picture, _SAMPLES, 1) == 2
    return (
        len(bits) == 1
        and bits <= _READ.get(photometric, set())
        and set(picture.get(_FORMAT, (1,))) == {1}  # unsigned whole numbers
        and _first(picture, _COMPRESSION, 1) in _COMPRESSIONS
        and _first(picture, _INK_SET, 1) == 1  # cyan, magenta, yellow and black
        and not grey_planes
        and not _is_preview(picture)
    )


def _is_preview(picture: _Directory) -> bool:
    return _first(picture, _SUBFILE, 0) & 1 == 1 or _first(picture, _OLD_SUBFILE, 0) == 2


def _first(picture: _Directory, tag: int, default: int) -> int:
    return next(iter(picture.get(tag, ())), default)


def _layout(data: bytes) -> tuple[str, str, str, str, int]:
    """Of TIFF or BigTIFF: byte order, formats of an offset, of a number of entries and of an
    entry's head, and the bytes that an entry has for its value.
    """
    order = "<" if data.startswith(b"II") else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    return (order, "Q", "Q", "HHQ", 8) if big else (order, "I", "H", "HHI", 4)


def _directory(data: bytes, place: int | None = None) -> _Directory:
    """The directory at a place, or the first one; empty if it is cut off."""
    order, offset, number, head, room = _layout(data)
    try:
        if place is None:
            (place,) = struct.unpack_from(order + offset, data, room)
        (entries,) = struct.unpack_from(order + number, data, place)
        first = place + struct.calcsize(order + number)
        step = struct.calcsize(order + head) + room
        places = range(first, first + step * min(entries, _MOST_ENTRIES), step)
        return dict(_entry(data, at, order, head, offset) for at in places)
    except (struct.error, OverflowError):
        return {}


def _entry(
    data: bytes, place: int, order: str, head: str, offset: str
) -> tuple[int, tuple[int, ...]]:
    tag, kind, count = struct.unpack_from(order + head, data, place)
    value = _VALUES.get(kind)
    if value is None or tag not in _NEEDED:
        return tag, ()
    place += struct.calcsize(order + head)
    if struct.calcsize(order + value) * count > struct.calcsize(order + offset):
        (place,) = struct.unpack_from(order + offset, data, place)
    return tag, struct.unpack_from(f"{order}{min(count, _MOST_VALUES)}{value}", data, place)

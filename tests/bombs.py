"""Small files that cost a decoder very much memory or time; each kind stands for a trick."""

import io
import struct
import zlib
from collections.abc import Callable, Mapping

from PIL import Image

from tests.fuzz.pieces import png_chunk
from tests.samples import astronaut

WINDOW = 200_000


def _plain(format: str, **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(astronaut()[:64, :64]).save(file, format, **options)  # type: ignore[arg-type]
    return file.getvalue()


def directory(size: int, entries: int, head: bytes = b"II*\0") -> bytes:
    """A TIFF directory of ``size`` bytes, all of which each of its entries declares its own."""
    order = "<" if head.startswith(b"II") else ">"
    body = b"".join(
        struct.pack(f"{order}HHII", tag, 7, size - 8, 0) for tag in range(0x200, 0x200 + entries)
    )
    whole = head + struct.pack(f"{order}IH", 8, entries) + body
    return whole + bytes(max(4, size - len(whole)))


def segments(payload: bytes) -> bytes:
    """EXIF as JPEG files carry it, in as many segments as it takes."""
    parts = (payload[start : start + 65_000] for start in range(0, len(payload), 65_000))
    return b"".join(
        b"\xff\xe1" + struct.pack(">H", len(part) + 8) + b"Exif\0\0" + part for part in parts
    )


def jpeg_with(front: bytes) -> bytes:
    jpeg = _plain("JPEG")
    return jpeg[:2] + front + jpeg[2:]


def png_with(chunks: bytes) -> bytes:
    png = _plain("PNG")
    return png[:33] + chunks + png[33:]


def gif_with(blocks: bytes) -> bytes:
    gif = _plain("GIF")
    picture = gif.index(b",\0\0\0\0\x40\0\x40\0")
    return gif[:picture] + blocks + gif[picture:]


def raw_profile() -> bytes:
    """EXIF as ImageMagick puts it into PNG files: packed text of hexadecimal digits."""
    exif = directory(490_000, 40_000)
    text = b"\nexif\n%8d\n" % len(exif) + exif.hex().encode()
    return png_chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(text, 9))


def deflated(size: int) -> bytes:
    packer = zlib.compressobj(9)
    block = bytes(1 << 20)
    return b"".join([*(packer.compress(block) for _ in range(size >> 20)), packer.flush()])


def tiff(entries: Mapping[int, tuple[int, int, int]], tail: bytes) -> bytes:
    """A TIFF of one directory and what comes behind it; tag → type, number and value, where a
    negative value stands for a place in the tail, counted from 1.
    """
    behind = 8 + 2 + 12 * len(entries) + 4
    told = b""
    for tag, (kind, number, value) in sorted(entries.items()):
        told += struct.pack("<HHII", tag, kind, number, value if value >= 0 else behind - 1 - value)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + told + bytes(4) + tail


def tiff_of_large_tiles(width: int = 3200, tile_height: int = 4_200_000) -> bytes:
    """A TIFF of small height whose tiles are as high as a tower, and all the same bytes."""
    tiles = width // 16
    packed = deflated(16 * 3 * tile_height)
    sizes = {256: width, 257: 100, 259: 8, 262: 2, 277: 3, 284: 1, 322: 16, 323: tile_height}
    entries = {tag: (4, 1, value) for tag, value in sizes.items()}
    entries |= {258: (3, 3, -1), 324: (4, tiles, -7), 325: (4, tiles, -7 - 4 * tiles)}
    data_at = 8 + 2 + 12 * len(entries) + 4 + 6 + 8 * tiles
    lists = struct.pack(f"<{2 * tiles}I", *[data_at] * tiles, *[len(packed)] * tiles)
    return tiff(entries, struct.pack("<3H", 8, 8, 8) + lists + packed)


def tiff_with_exif() -> bytes:
    """A grey TIFF of 64 by 64 pixels, whose EXIF directory declares the file again and again."""
    pixels = bytes(64 * 64)
    sizes = {256: 64, 257: 64, 258: 8, 259: 1, 262: 1, 277: 1, 278: 64, 279: len(pixels)}
    entries = {tag: (4, 1, value) for tag, value in sizes.items()}
    entries |= {273: (4, 1, -1), 34_665: (4, 1, -1 - len(pixels))}
    return tiff(entries, pixels + directory(10**6, 60_000)[8:])


DIRECTORIES: Mapping[str, Callable[[], bytes]] = {
    "EXIF in a JPEG": lambda: jpeg_with(segments(b"Exif\0\0" + directory(WINDOW, 16_000))),
    "EXIF of a BigTIFF's kind": lambda: jpeg_with(segments(directory(10**6, 65_000, b"MM\0+"))),
    "EXIF in a PNG": lambda: png_with(png_chunk(b"eXIf", directory(WINDOW, 16_000))),
    "EXIF as text in a PNG": lambda: png_with(raw_profile()),
    "EXIF in a WebP": lambda: _plain("WEBP", exif=directory(WINDOW, 16_000)),
    "EXIF in a TIFF": tiff_with_exif,
}
"""Entries that all declare the same bytes, so that a reader copies them again and again."""

OTHERS: Mapping[str, Callable[[], bytes]] = {
    "a TIFF of tiles larger than itself": tiff_of_large_tiles,
    "a PNG of a million texts": lambda: png_with(png_chunk(b"tEXt", b"a\0b") * 1_000_000),
    "a GIF of a long comment": lambda: gif_with(b"!\xfe" + b"\1x" * 4_000_000 + b"\0"),
    "a JPEG full of padding": lambda: jpeg_with(b"\xff" * 19_000_000),
}

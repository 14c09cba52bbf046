"""Small files that would keep a core busy for minutes or fill the memory are refused at once."""

from __future__ import annotations

import io
import struct
import time

import pytest
from PIL import Image

from tests.fuzz.pieces import png_chunk
from tests.samples import astronaut, encoded, grace_hopper
from webapp.vision.decode import decode
from webapp.vision.decode.structure import MOST_PIECES, is_costly_directory, refuse_costly
from webapp.vision.errors import UnreadablePhoto


def directory(*entries: tuple[int, int, int], order: str = "<") -> bytes:
    """A TIFF file of one directory; entries are tag, type and number of values."""
    head = b"II*\0" if order == "<" else b"MM\0*"
    body = b"".join(struct.pack(f"{order}HHII", *entry, 8) for entry in entries)
    return head + struct.pack(f"{order}IH", 8, len(entries)) + body + bytes(4)


def with_repeated_scan(times: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(grace_hopper()).save(file, "JPEG", progressive=True)
    data = file.getvalue()
    return data[:-2] + data[data.rindex(b"\xff\xda") : -2] * times + b"\xff\xd9"


def test_a_jpeg_of_a_hundred_scans_is_refused_and_a_usual_one_is_not() -> None:
    refuse_costly(with_repeated_scan(0))
    with pytest.raises(UnreadablePhoto, match="too long to read"):
        decode(with_repeated_scan(100))


def test_scans_of_what_lies_behind_the_first_picture_do_not_count() -> None:
    refuse_costly(with_repeated_scan(0) + b"\xff\xda\0\2" * 1000)


def test_a_jpeg_of_countless_segments_is_refused() -> None:
    with pytest.raises(UnreadablePhoto):
        refuse_costly(b"\xff\xd8" + b"\xff\xfe\0\2" * 10_000 + encoded(grace_hopper())[2:])


@pytest.mark.parametrize("order", "<>")
def test_a_tiff_whose_entries_share_their_bytes_a_hundred_times_is_refused(order: str) -> None:
    with pytest.raises(UnreadablePhoto):
        decode(directory(*((tag, 1, 9_000_000) for tag in range(40_000, 40_100)), order=order))


def test_a_tiff_of_millions_of_strips_is_refused() -> None:
    offsets = directory((273, 3, MOST_PIECES + 1)) + bytes(2 * MOST_PIECES)
    assert is_costly_directory(offsets)


def test_a_jpeg_with_costly_exif_is_refused() -> None:
    exif = directory(*((tag, 1, 50_000) for tag in range(1, 100)))
    with pytest.raises(UnreadablePhoto):
        decode(encoded(grace_hopper(), exif=b"Exif\0\0" + exif))


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_costly_exif_elsewhere_is_not_read(format: str) -> None:
    exif = directory((0x0112, 3, 1), *((tag, 1, 50_000) for tag in range(300, 400)))
    photo = decode(encoded(grace_hopper(), format, exif=b"Exif\0\0" + exif))
    assert (photo.width, photo.height) == (512, 600)


@pytest.mark.parametrize(
    "data",
    [b"", b"II*\0", b"MM\0*\0\0\0\x08", b"II+\0" + bytes(20), b"II+\0\x08\0\0\0" + b"\xff" * 16],
)
def test_a_cut_off_directory_is_left_to_the_codec(data: bytes) -> None:
    assert not is_costly_directory(data)


def png_with(chunks: bytes) -> bytes:
    data = encoded(astronaut()[:64, :64], "PNG")
    return data[:33] + chunks + data[33:]


def gif_with(blocks: bytes) -> bytes:
    data = encoded(astronaut()[:64, :64], "GIF")
    picture = data.index(b",\0\0\0\0\x40\0\x40\0")
    return data[:picture] + blocks + data[picture:]


def jpeg_with(front: bytes) -> bytes:
    return b"\xff\xd8" + front + encoded(astronaut()[:64, :64])[2:]


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def run_length_bmp(width: int, height: int, coded: bytes) -> bytes:
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(coded), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", 0, 0, 0, 1078) + header + bytes(1024) + coded


def progressive(sides: int, scans: int) -> bytes:
    """A JPEG that tells a size that it has no pixels for, scanned again and again."""
    data = with_repeated_scan(scans)
    frame = data.index(b"\xff\xc2")
    return data[: frame + 5] + struct.pack(">HH", sides, sides) + data[frame + 9 :]


TEXT = png_chunk(b"tEXt", b"a\0b")
COMMENT = b"\xff" + b"x" * 255
COSTLY = {
    "a PNG of a million texts": lambda: png_with(TEXT * 1_000_000),
    "a PNG of a million empty chunks of pixels": lambda: png_with(png_chunk(b"IDAT", b"") * 10**6),
    "a GIF with one long comment": lambda: gif_with(b"!\xfe" + COMMENT * 70_000 + b"\0"),
    "a GIF with one comment, byte by byte": lambda: gif_with(b"!\xfe" + b"\1x" * 4_000_000 + b"\0"),
    "a GIF of a million comments": lambda: gif_with(b"!\xfe\1x\0" * 1_000_000),
    "a GIF full of nothing": lambda: gif_with(bytes(19_000_000)),
    "a JPEG full of padding": lambda: jpeg_with(b"\xff" * 19_000_000),
    "a JPEG full of nothing": lambda: jpeg_with(bytes(19_000_000)),
    "a JPEG of much EXIF": lambda: jpeg_with(segment(0xE1, b"Exif\0\0" + bytes(65_000)) * 290),
    "a JPEG of many resources": lambda: jpeg_with(
        segment(0xED, b"Photoshop 3.0\0" + b"8BIM\4\4\0\0\0\0\0\0" * 5400) * 280
    ),
    "a large JPEG of many scans": lambda: progressive(7000, 30),
    "a long run-length BMP": lambda: run_length_bmp(7000, 7000, b"\5\1" * 9_000_000),
    "a wide run-length BMP": lambda: run_length_bmp(60_000, 800, b"\1\1\0\0" * 800),
}


@pytest.mark.parametrize("kind", COSTLY)
def test_what_is_made_to_keep_a_core_busy_is_refused_at_once(kind: str) -> None:
    data = COSTLY[kind]()
    started = time.process_time()
    with pytest.raises(UnreadablePhoto, match="too long to read"):
        decode(data)
    assert time.process_time() - started < 1


HONEST = {
    "a PNG with a hundred texts": lambda: png_with(TEXT * 100),
    "a GIF with a long comment": lambda: gif_with(b"!\xfe" + COMMENT * 250 + b"\0"),
    "a JPEG with some padding": lambda: jpeg_with(b"\xff" * 5000),
    "a JPEG with an extended XMP of ten megabytes": lambda: jpeg_with(
        segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + bytes(65_000)) * 160
    ),
    "a large progressive JPEG": lambda: progressive(7000, 0),
    "a run-length BMP": lambda: run_length_bmp(100, 100, (b"\x64\1\0\0" * 100) + b"\0\1"),
}


@pytest.mark.parametrize("kind", HONEST)
def test_what_programs_write_is_not_taken_for_costly(kind: str) -> None:
    assert decode(HONEST[kind]()).pixels.size

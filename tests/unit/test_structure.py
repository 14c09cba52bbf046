"""What a glance at a file tells: its size, and that a photo of many pixels would cost too much."""

import struct

import numpy as np
import pytest

from tests.samples import encoded, grace_hopper
from webapp.vision.decode import decode
from webapp.vision.decode.structure import refuse_costly, webp_size
from webapp.vision.errors import PhotoTooCostly, PhotoTooLarge


def with_repeated_scan(times: int) -> bytes:
    data = encoded(grace_hopper(), progressive=True)
    return data[:-2] + data[data.rindex(b"\xff\xda") : -2] * times + b"\xff\xd9"


def progressive(sides: int, scans: int) -> bytes:
    """A JPEG that tells a size that it has no pixels for, scanned again and again."""
    data = with_repeated_scan(scans)
    frame = data.index(b"\xff\xc2")
    return data[: frame + 5] + struct.pack(">HH", sides, sides) + data[frame + 9 :]


def run_length_bmp(width: int, height: int, coded: bytes) -> bytes:
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(coded), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", 0, 0, 0, 1078) + header + bytes(1024) + coded


COSTLY = {
    "a JPEG of a hundred scans": lambda: with_repeated_scan(100),
    "a large JPEG of many scans": lambda: progressive(7000, 30),
    "a large run-length BMP": lambda: run_length_bmp(7000, 7000, b"\5\1" * 9_000),
    "a run-length BMP of many line ends": lambda: run_length_bmp(100, 100, bytes(5_000_000)),
    "a wide run-length BMP": lambda: run_length_bmp(60_000, 800, b"\1\1\0\0" * 800),
}


@pytest.mark.parametrize("kind", COSTLY)
def test_what_would_keep_a_core_busy_is_refused_at_once(kind: str) -> None:
    with pytest.raises(PhotoTooCostly):
        refuse_costly(COSTLY[kind]())


HONEST = {
    "a progressive JPEG": lambda: with_repeated_scan(0),
    "a large progressive JPEG": lambda: progressive(7000, 0),
    "a JPEG with something behind its picture": lambda: (
        with_repeated_scan(0) + b"\xff\xda\0\2" * 1000
    ),
    "a run-length BMP": lambda: run_length_bmp(100, 100, (b"\x64\1\0\0" * 100) + b"\0\1"),
}


@pytest.mark.parametrize("kind", HONEST)
def test_what_programs_write_is_not_taken_for_costly(kind: str) -> None:
    assert decode(HONEST[kind]()).pixels.size


@pytest.mark.parametrize(
    "options", [{"quality": 80}, {"lossless": True}, {"exif": b"Exif\0\0II*\0"}]
)
@pytest.mark.parametrize("size", [(1, 1), (300, 257), (16_383, 2)])
def test_the_size_of_a_webp_is_read_before_its_codec_is_asked(
    size: tuple[int, int], options: dict[str, object]
) -> None:
    black = np.zeros((size[1], size[0], 3), np.uint8)
    assert webp_size(encoded(black, "WEBP", **options)) == size


@pytest.mark.parametrize("data", [b"", b"RIFF\0\0\0\0WEBPVP8X", encoded(grace_hopper())])
def test_no_size_is_read_from_what_is_no_webp(data: bytes) -> None:
    assert webp_size(data) == (0, 0)


def test_a_webp_of_too_many_pixels_is_told_from_one_that_is_damaged() -> None:
    data = bytearray(encoded(grace_hopper()[:2, :2], "WEBP", exif=b"Exif\0\0II*\0"))
    data[24:30] = b"\xfe\x3f\0\xfe\x3f\0"
    with pytest.raises(PhotoTooLarge, match=r"268\.4 megapixels"):
        decode(bytes(data))

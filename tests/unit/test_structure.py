"""Small files that would keep a core busy for minutes or fill the memory are refused at once."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from tests.samples import encoded, grace_hopper
from webapp.vision.errors import UnreadablePhoto
from webapp.vision.photo import decode
from webapp.vision.structure import MOST_PIECES, is_costly_directory, refuse_costly


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


@pytest.mark.parametrize("data", [b"", b"II*\0", b"MM\0*\0\0\0\x08", b"II+\0" + bytes(20)])
def test_a_cut_off_directory_is_left_to_the_codec(data: bytes) -> None:
    assert not is_costly_directory(data)

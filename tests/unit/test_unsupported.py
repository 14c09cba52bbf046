"""Whole files of a kind that is not read are told what they are, never that they are damaged."""

import signal
import struct

import pytest

from tests.image_files import tiff
from tests.samples import astronaut, encoded, enlarged, grace_hopper
from webapp.vision.decode import PhotoLimits, decode
from webapp.vision.errors import NotAPhoto, UnreadablePhoto, UnsupportedPhoto

NOISE = astronaut().tobytes()[:20_000]
RAW, VIDEO = "This is a camera's raw file; send the JPEG", "This is a video"
PREVIEW = enlarged(grace_hopper(), 160, 120)
MAKE = (271, 2, b"MAKER\0")
REDUCED = (254, 4, [1])
DNG_VERSION = (50706, 1, [1, 4, 0, 0])
FILTER_ARRAY = (262, 3, [32803])
RAW_KINDS = "CR3 CR2 CRW ORF ORF ORF RW2 RAF MRW X3F DNG DNG NEF ARW PEF SRW SRW"


def boxes(brand: bytes, *others: bytes) -> bytes:
    body = b"ftyp" + brand + bytes(4) + b"".join(others)
    return struct.pack(">I", 4 + len(body)) + body + NOISE


@pytest.mark.parametrize(
    "data",
    [
        boxes(b"crx ", b"crx ", b"isom"),
        b"II*\0\x10\0\0\0CR\x02\0" + NOISE,
        b"II\x1a\0\0\0HEAPCCDR" + NOISE,
        b"IIRO\x08\0\0\0" + NOISE,
        b"IIRS\x08\0\0\0" + NOISE,
        b"MMOR\0\0\0\x08" + NOISE,
        b"IIU\0\x18\0\0\0" + NOISE,
        b"FUJIFILMCCD-RAW 0201" + NOISE,
        b"\0MRM" + NOISE,
        b"FOVb" + NOISE,
        tiff(PREVIEW, entries=(REDUCED, DNG_VERSION)),
        tiff(PREVIEW, order=">", entries=(REDUCED, DNG_VERSION)),
        tiff(PREVIEW, entries=(REDUCED, MAKE)),
        tiff(PREVIEW, order=">", entries=(REDUCED, MAKE)),
        tiff(PREVIEW[..., :1], order=">", entries=(FILTER_ARRAY, MAKE)),
        tiff(PREVIEW, entries=(MAKE,), behind=(FILTER_ARRAY,)),
        tiff(PREVIEW, order=">", entries=(MAKE,), behind=(FILTER_ARRAY,)),
    ],
    ids=RAW_KINDS.split(),
)
def test_a_raw_file_asks_for_the_jpeg(data: bytes) -> None:
    with pytest.raises(UnsupportedPhoto, match=RAW):
        decode(data)


@pytest.mark.parametrize(
    "data",
    [
        *(boxes(brand, brand) for brand in (b"qt  ", b"mp42", b"isom", b"M4V ", b"3gp4", b"dash")),
        b"\0\0\0\x08wide\0\0\0\0mdat" + NOISE,
        b"\0\0\x10\0moov" + NOISE,
        b"\x1a\x45\xdf\xa3" + NOISE,
        b"RIFF\0\0\1\0AVI LIST" + NOISE,
        b"\0\0\1\xba" + NOISE,
        b"\0\0\1\xb3" + NOISE,
        (b"\x47" + bytes(187)) * 5,
        (bytes(4) + b"\x47" + bytes(187)) * 5,
        b"FLV\1" + NOISE,
        b"\x30\x26\xb2\x75\x8e\x66\xcf\x11" + NOISE,
    ],
)
def test_a_video_is_called_one(data: bytes) -> None:
    with pytest.raises(NotAPhoto, match=VIDEO):
        decode(data)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\xff\x0a" + NOISE, "JPEG XL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n" + NOISE, "JPEG XL"),
        (b"\0\0\0\x0cjP  \r\n\x87\n" + NOISE, "JPEG 2000"),
        (b"8BPS\0\1" + NOISE, "Photoshop"),
        (bytes(128) + b"DICM" + NOISE, "DICOM"),
        (b"%PDF-1.7", "PDF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "PostScript"),
        (b"\xc5\xd0\xd3\xc6" + NOISE, "EPS"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a drawing -->\n<svg/>", "SVG"),
        (b"<!DOCTYPE html><html></html>", "HTML"),
        (b"PK\3\4" + NOISE, "ZIP"),
        (b"\0\5\x16\7\0\2\0\0Mac OS X", "macOS"),
        (b"P6\n# by hand\n512 512\n255\n" + NOISE, "PNM"),
        (boxes(b"M4A "), "sound"),
    ],
)
def test_other_kinds_are_named(data: bytes, name: str) -> None:
    with pytest.raises(NotAPhoto, match=rf"^This is .*{name}.*\.$"):
        decode(data)


@pytest.mark.parametrize("begin", [b"P1 #", b"P1\n#\n", b"P1", b"<?", b"<!doctype ", b"\n"])
@pytest.mark.parametrize("filling", [b" ", b"#\n", b"1"])
def test_no_search_for_a_kind_takes_for_ever(begin: bytes, filling: bytes) -> None:
    def give_up(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(60)
    try:
        with pytest.raises(NotAPhoto):
            decode(begin + filling * 5_000_000)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def test_a_large_video_is_a_video_first() -> None:
    with pytest.raises(NotAPhoto, match=VIDEO):
        decode(boxes(b"qt  "), PhotoLimits(max_bytes=1000))


@pytest.mark.parametrize("format", ["HEIF", "AVIF"])
@pytest.mark.parametrize("brand", [b"heic", b"avif", b"mif1"])
def test_a_damaged_picture_is_no_video(format: str, brand: bytes) -> None:
    data = encoded(enlarged(grace_hopper(), 256, 300), format)
    with pytest.raises(UnreadablePhoto, match="damaged"):
        decode(data[:8] + brand + data[12:16] + brand + data[20:200])

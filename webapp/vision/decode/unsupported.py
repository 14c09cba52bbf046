"""Intact files of unsupported kinds, the message for each kind, and the kind's name."""

import re
from collections.abc import Mapping

from webapp.errors import translatable
from webapp.vision.decode.tiff import is_camera_raw, is_tiff
from webapp.vision.errors import NotAPhoto, UnsupportedPhoto

RAW = translatable("This is a camera's raw file; send the JPEG.")
VIDEO = translatable("This is a video; send a photo.")
SOUND = translatable("This is a sound recording; send a photo.")
DOCUMENT = translatable("This is a file of another kind (%(kind)s); send a JPEG or PNG.")
PICTURE = translatable("This is a picture of an unsupported kind (%(kind)s); send a JPEG or PNG.")

# How files of a kind begin → what they are; from the specifications and from libmagic's tables.
_UNREAD_PICTURES: Mapping[bytes, tuple[str, str]] = {
    rb"(II\*\0|MM\0\*).{4}(CR\x02|IIII|MMMM)": (RAW, ""),  # Canon CR2, Phase One
    rb"II\x1a\0\0\0HEAPCCDR": (RAW, ""),  # Canon CRW
    rb"FUJIFILMCCD-RAW": (RAW, ""),
    rb"IIR[OS]|MMOR": (RAW, ""),  # Olympus
    rb"IIU\0": (RAW, ""),  # Panasonic, Leica
    rb"\0MRM|FOVb": (RAW, ""),  # Minolta, Sigma
    rb"\xff\x0a|\0\0\0\x0cJXL ": (PICTURE, "JPEG XL"),
    rb"\xff\x4f\xff\x51|\0\0\0\x0cjP  ": (PICTURE, "JPEG 2000"),
    rb"II\xbc\x01": (PICTURE, "JPEG XR"),
    rb"8BPS": (PICTURE, "Photoshop"),
    rb"gimp xcf": (PICTURE, "GIMP"),
    rb"\x76\x2f\x31\x01": (PICTURE, "OpenEXR"),
    rb"#\?R": (PICTURE, "Radiance HDR"),
    rb".{128}DICM": (PICTURE, "DICOM"),
    rb"SIMPLE  =": (PICTURE, "FITS"),
    rb"\0\0\x01\0[^\0]\0|icns": (PICTURE, "ICO, ICNS"),
    rb"P[1-6]\s+(#|\d+\s)|P7\nWIDTH": (PICTURE, "PNM"),
    rb"qoif": (PICTURE, "QOI"),
    rb"BPG\xfb": (PICTURE, "BPG"),
    rb"DDS ": (PICTURE, "DDS"),
}
_OTHERS: Mapping[bytes, tuple[str, str]] = {
    rb"\x1a\x45\xdf\xa3": (VIDEO, ""),  # WebM, Matroska
    rb"RIFF.{4}AVI ": (VIDEO, ""),
    rb"\0\0\x01[\xba\xb3]": (VIDEO, ""),  # MPEG-1 and -2
    rb"\x47.{187}\x47.{187}\x47|.{4}\x47.{191}\x47.{191}\x47": (VIDEO, ""),  # MPEG-2, AVCHD
    rb".{4}(moov|mdat|wide|pnot|skip|free|moof|styp)": (VIDEO, ""),  # QuickTime without a brand
    rb"FLV\x01|\.RMF|OggS": (VIDEO, ""),
    rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11": (VIDEO, ""),  # Windows Media
    rb"RIFF.{4}WAVE|ID3|fLaC": (SOUND, ""),
    rb"%PDF": (DOCUMENT, "PDF"),
    rb"%!PS": (DOCUMENT, "PostScript"),
    rb"\xc5\xd0\xd3\xc6": (DOCUMENT, "EPS"),
    rb"\xd7\xcd\xc6\x9a": (DOCUMENT, "WMF"),
    rb"AT&TFORM": (DOCUMENT, "DjVu"),
    rb"\xd0\xcf\x11\xe0": (DOCUMENT, "Office"),
    rb"PK\x03\x04": (DOCUMENT, "ZIP"),
    rb"Rar!": (DOCUMENT, "RAR"),
    rb"7z\xbc\xaf": (DOCUMENT, "7z"),
    rb"\x1f\x8b": (DOCUMENT, "gzip"),
    rb"\0\x05\x16\x07": (DOCUMENT, "AppleDouble, macOS"),
    rb"(\xef\xbb\xbf)?\s*<(svg|[?!].{0,4000}<svg)": (DOCUMENT, "SVG"),
    rb"(?i:(\xef\xbb\xbf)?\s*<(!doctype )?html)": (DOCUMENT, "HTML"),
}
# Brands of pictures in files of boxes: HEIF (ISO/IEC 23008-12), MIAF and AVIF.
_PICTURE_BRANDS = {
    *(b"mif1", b"mif2", b"msf1", b"miaf", b"heic", b"heix", b"heim", b"heis"),
    *(b"hevc", b"hevx", b"hevm", b"hevs", b"avif", b"avis", b"avci", b"avcs", b"jpeg", b"jpgs"),
}
_SOUND_BRANDS = {b"M4A ", b"M4B ", b"M4P "}
_MOST_BRAND_BYTES = 512
_HEAD_BYTES = 8192
"""More than any pattern needs; none may search all of a hostile file, which stops all threads."""


def refuse_other_kinds(data: bytes) -> None:
    """Raise UnsupportedPhoto for pictures of a kind that is not read, camera raw among them, and
    NotAPhoto for videos, documents and archives. Unknown kinds pass.
    """
    if is_tiff(data) and is_camera_raw(data):
        raise UnsupportedPhoto(RAW)
    if data[4:8] == b"ftyp":
        _refuse_brands(data)
        return
    head = data[:_HEAD_BYTES]
    for begin, (sentence, kind) in _UNREAD_PICTURES.items():
        if re.match(begin, head, re.DOTALL):
            raise UnsupportedPhoto(sentence, kind=kind)
    for begin, (sentence, kind) in _OTHERS.items():
        if re.match(begin, head, re.DOTALL):
            raise NotAPhoto(sentence, kind=kind)


def _refuse_brands(data: bytes) -> None:
    """Look at the brands of a file of boxes, the main one and those it is compatible with."""
    size = min(int.from_bytes(data[:4], "big"), _MOST_BRAND_BYTES)
    brands = {data[8:12], *(data[place : place + 4] for place in range(16, size, 4))}
    if b"crx " in brands:  # Canon CR3
        raise UnsupportedPhoto(RAW)
    if data[8:12] in _SOUND_BRANDS:
        raise NotAPhoto(SOUND)
    if not brands & _PICTURE_BRANDS:
        raise NotAPhoto(VIDEO)

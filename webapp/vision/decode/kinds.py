"""Intact files of unsupported kinds, and the message for each kind."""

import re
from collections.abc import Mapping

from webapp.vision.decode.tiff import is_camera_raw, is_tiff
from webapp.vision.errors import NotAPhoto, UnsupportedPhoto

RAW = "This is a camera's raw file; send the JPEG."
VIDEO = "This is a video; send a photo."
SOUND = "This is a sound recording; send a photo."
DOCUMENT = "This is {}, not a photo; send a JPEG or PNG."
PICTURE = "This is {}, which is not supported; send a JPEG or PNG."

# How files of a kind begin → what they are; from the specifications and from libmagic's tables.
_UNREAD_PICTURES: Mapping[bytes, str] = {
    rb"(II\*\0|MM\0\*).{4}(CR\x02|IIII|MMMM)": RAW,  # Canon CR2, Phase One
    rb"II\x1a\0\0\0HEAPCCDR": RAW,  # Canon CRW
    rb"FUJIFILMCCD-RAW": RAW,
    rb"IIR[OS]|MMOR": RAW,  # Olympus
    rb"IIU\0": RAW,  # Panasonic, Leica
    rb"\0MRM|FOVb": RAW,  # Minolta, Sigma
    rb"\xff\x0a|\0\0\0\x0cJXL ": PICTURE.format("a JPEG XL file"),
    rb"\xff\x4f\xff\x51|\0\0\0\x0cjP  ": PICTURE.format("a JPEG 2000 file"),
    rb"II\xbc\x01": PICTURE.format("a JPEG XR file"),
    rb"8BPS": PICTURE.format("a Photoshop file"),
    rb"gimp xcf": PICTURE.format("a GIMP file"),
    rb"\x76\x2f\x31\x01": PICTURE.format("an OpenEXR file"),
    rb"#\?R": PICTURE.format("a Radiance HDR file"),
    rb".{128}DICM": PICTURE.format("a DICOM file"),
    rb"SIMPLE  =": PICTURE.format("a FITS file"),
    rb"\0\0\x01\0[^\0]\0|icns": PICTURE.format("an icon"),
    rb"P[1-6]\s+(#[^\n]*\s+)?\d+\s|P7\nWIDTH": PICTURE.format("a PNM file"),
    rb"qoif": PICTURE.format("a QOI file"),
    rb"BPG\xfb": PICTURE.format("a BPG file"),
    rb"DDS ": PICTURE.format("a DDS file"),
}
_OTHERS: Mapping[bytes, str] = {
    rb"\x1a\x45\xdf\xa3": VIDEO,  # WebM, Matroska
    rb"RIFF.{4}AVI ": VIDEO,
    rb"\0\0\x01[\xba\xb3]": VIDEO,  # MPEG-1 and -2
    rb"\x47.{187}\x47.{187}\x47|.{4}\x47.{191}\x47.{191}\x47": VIDEO,  # MPEG-2 transport, AVCHD
    rb".{4}(moov|mdat|wide|pnot|skip|free|moof|styp)": VIDEO,  # QuickTime without a brand
    rb"FLV\x01|\.RMF|OggS": VIDEO,
    rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11": VIDEO,  # Windows Media
    rb"RIFF.{4}WAVE|ID3|fLaC": SOUND,
    rb"%PDF": DOCUMENT.format("a PDF"),
    rb"%!PS": DOCUMENT.format("a PostScript file"),
    rb"\xc5\xd0\xd3\xc6": DOCUMENT.format("an EPS drawing"),
    rb"\xd7\xcd\xc6\x9a": DOCUMENT.format("a Windows drawing"),
    rb"AT&TFORM": DOCUMENT.format("a DjVu document"),
    rb"\xd0\xcf\x11\xe0": DOCUMENT.format("an Office document"),
    rb"PK\x03\x04": DOCUMENT.format("a ZIP file"),
    rb"Rar!": DOCUMENT.format("a RAR file"),
    rb"7z\xbc\xaf": DOCUMENT.format("a 7z file"),
    rb"\x1f\x8b": DOCUMENT.format("a gzip file"),
    rb"\0\x05\x16\x07": DOCUMENT.format("a macOS metadata file"),
    rb"(\xef\xbb\xbf)?\s*<(svg|[?!].{0,4000}<svg)": DOCUMENT.format("an SVG drawing"),
    rb"(?i:(\xef\xbb\xbf)?\s*<(!doctype )?html)": DOCUMENT.format("a web page"),
}
# Brands of pictures in files of boxes: HEIF (ISO/IEC 23008-12), MIAF and AVIF.
_PICTURE_BRANDS = {
    *(b"mif1", b"mif2", b"msf1", b"miaf", b"heic", b"heix", b"heim", b"heis"),
    *(b"hevc", b"hevx", b"hevm", b"hevs", b"avif", b"avis", b"avci", b"avcs", b"jpeg", b"jpgs"),
}
_SOUND_BRANDS = {b"M4A ", b"M4B ", b"M4P "}
_MOST_BRAND_BYTES = 512


def refuse_other_kinds(data: bytes) -> None:
    """Raise UnsupportedPhoto for pictures of a kind that is not read, camera raw among them, and
    NotAPhoto for videos, documents and archives. Unknown kinds pass.
    """
    if is_tiff(data) and is_camera_raw(data):
        raise UnsupportedPhoto(RAW)
    if data[4:8] == b"ftyp":
        _refuse_brands(data)
        return
    for begin, sentence in _UNREAD_PICTURES.items():
        if re.match(begin, data, re.DOTALL):
            raise UnsupportedPhoto(sentence)
    for begin, sentence in _OTHERS.items():
        if re.match(begin, data, re.DOTALL):
            raise NotAPhoto(sentence)


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

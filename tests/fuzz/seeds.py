"""Small photos in every format that is read, made from the two public-domain portraits."""

import struct
import zlib
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import pillow_heif
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from tests.fuzz.pieces import png_chunk
from tests.samples import astronaut, grace_hopper, saved

GPS_TAG, ORIENTATION_TAG, MAKER_TAG = 0x8825, 0x0112, 0x010F


@lru_cache
def seeds() -> dict[str, bytes]:
    """What the picture is → a valid file, at most a few dozen kilobytes each."""
    pillow_heif.register_heif_opener()
    return dict(_jpegs()) | dict(_pngs()) | dict(_tiffs()) | dict(_others())


def _jpegs() -> Iterator[tuple[str, bytes]]:
    yield "jpeg baseline", saved(_grace(96), "JPEG", subsampling=0)
    yield "jpeg restarts", saved(_grace(128), "JPEG", restart_marker_rows=1)
    yield "jpeg progressive", saved(_eileen(128), "JPEG", progressive=True)
    yield "jpeg exif", saved(_grace(160), "JPEG", exif=_exif(), comment=b"a portrait")
    yield "jpeg cmyk", saved(_eileen(80).convert("CMYK"), "JPEG")
    yield "jpeg grey", saved(_grace(120).convert("L"), "JPEG")
    yield "jpeg icc", saved(_eileen(96), "JPEG", icc_profile=_profile())
    second = [_grace(64)]
    yield "mpo", saved(_eileen(96), "MPO", save_all=True, append_images=second, exif=_exif())


def _pngs() -> Iterator[tuple[str, bytes]]:
    text = PngInfo()
    text.add_text("Title", "A portrait")
    text.add_text("Comment", "again and again " * 40, zip=True)
    text.add_itxt("Author", "somebody", lang="en", tkey="Author")
    grey = np.asarray(_grace(64).convert("L"))
    yield "png", saved(_grace(80), "PNG")
    yield "png 16 bit", saved(Image.fromarray(grey.astype(np.uint16) * 257), "PNG")
    yield "png palette", saved(_eileen(96).quantize(64), "PNG", transparency=3)
    yield "png alpha", saved(_with_alpha(_grace(64)), "PNG", exif=_exif())
    yield "png grey alpha", saved(_with_alpha(_grace(64)).convert("LA"), "PNG")
    yield "png text", saved(_grace(64), "PNG", pnginfo=text, icc_profile=_profile())
    yield "png interlaced", _interlaced(grey)
    yield "apng", saved(_grace(48), "PNG", save_all=True, append_images=[_eileen(48)])


def _tiffs() -> Iterator[tuple[str, bytes]]:
    grey = np.asarray(_eileen(64).convert("L"))
    yield "tiff raw", saved(_grace(64), "TIFF", exif=_exif())
    yield "tiff lzw", saved(_eileen(96), "TIFF", compression="tiff_lzw")
    yield "tiff deflate", saved(_with_alpha(_grace(80)), "TIFF", compression="tiff_adobe_deflate")
    yield "tiff jpeg", saved(_grace(96), "TIFF", compression="jpeg")
    yield "tiff fax", saved(_eileen(128).convert("1"), "TIFF", compression="group4")
    yield "tiff grey", saved(Image.fromarray(grey.astype(np.uint16) * 257), "TIFF")
    yield "tiff big", saved(_grace(48), "TIFF", big_tiff=True)


def _others() -> Iterator[tuple[str, bytes]]:
    yield "webp", saved(_grace(128), "WEBP", exif=_exif())
    yield "webp lossless", saved(_with_alpha(_eileen(64)), "WEBP", lossless=True)
    animated = {"save_all": True, "append_images": [_eileen(64)]}
    yield "webp animated", saved(_eileen(64).rotate(9), "WEBP", **animated)
    yield "gif", saved(_grace(96).quantize(128), "GIF", comment=b"a portrait")
    yield "gif animated", saved(_grace(64).quantize(32), "GIF", **animated, transparency=2)
    yield "bmp", saved(_eileen(64), "BMP")
    yield "bmp palette", saved(_eileen(64).quantize(16), "BMP")
    yield "bmp run-length", _run_length_bmp(np.asarray(_grace(48).quantize(8)))
    yield "avif", saved(_grace(96), "AVIF", exif=_exif(), speed=10)
    yield "avif alpha", saved(_with_alpha(_eileen(64)), "AVIF", speed=10)
    yield "heic", saved(_grace(96), "HEIF", exif=_exif())


def _grace(side: int) -> Image.Image:
    return Image.fromarray(grace_hopper()).resize((side, side * 6 // 5))


def _eileen(side: int) -> Image.Image:
    return Image.fromarray(astronaut()).resize((side, side))


def _with_alpha(image: Image.Image) -> Image.Image:
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image


def _exif() -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = 6
    exif[MAKER_TAG] = "A camera"
    exif.get_ifd(GPS_TAG).update({1: "N", 2: (52.0, 31.0, 12.5), 3: "E", 4: (13.0, 24.0, 0.0)})
    return exif.tobytes()


def _profile() -> bytes:
    """An sRGB profile without the time of its making (ICC.1:2022, 7.2: bytes 24 to 35)."""
    made = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return made[:24] + bytes(12) + made[36:]


def _interlaced(grey: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    """A grey PNG in the seven passes of Adam7, which Pillow reads and does not write."""
    steps = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2)]
    rows = [
        b"\0" + row.tobytes()
        for top, left, down, right in [*steps, (1, 0, 2, 1)]
        for row in grey[top::down, left::right]
    ]
    height, width = grey.shape
    size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    header = png_chunk(b"IHDR", size + b"\x08\0\0\0\1")
    body = png_chunk(b"IDAT", zlib.compress(b"".join(rows)))
    return b"\x89PNG\r\n\x1a\n" + header + body + png_chunk(b"IEND", b"")


def _run_length_bmp(indices: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    """A BMP of compression RLE8, which Pillow reads and does not write."""
    height, width = indices.shape
    coded = b"".join(b"".join(bytes((1, i)) for i in row) + b"\0\0" for row in indices) + b"\0\1"
    palette = b"".join(bytes((i, i, i, 0)) for i in range(256))
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(coded), 0, 0, 256, 0)
    start = 14 + len(header) + len(palette)
    head = b"BM" + struct.pack("<IHHI", start + len(coded), 0, 0, start)
    return head + header + palette + coded

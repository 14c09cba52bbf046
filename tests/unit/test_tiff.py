"""A TIFF file becomes the right picture or is refused as a kind that is not read."""

import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from tests.image_files import difference, png, tiff
from tests.samples import astronaut, encoded, grey, saved
from webapp.vision.decode import decode
from webapp.vision.errors import UnreadablePhoto, UnsupportedPhoto

ORDERS = ["<", ">"]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("planar", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_colour_of_8_and_16_bits_in_pixels_and_in_planes(
    order: str, planar: bool, dtype: type
) -> None:
    pixels = astronaut().astype(dtype) * dtype(np.iinfo(dtype).max // 255)
    assert difference(tiff(pixels, order=order, planar=planar), astronaut()) == 0


@pytest.mark.parametrize("planar", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_cmyk(planar: bool, dtype: type) -> None:
    cmyk = np.asarray(Image.fromarray(astronaut()).convert("CMYK"))
    pixels = cmyk.astype(dtype) * dtype(np.iinfo(dtype).max // 255)
    assert difference(tiff(pixels, planar=planar, photometric=5), astronaut()) < 1


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
@pytest.mark.parametrize("order", ORDERS)
def test_grey_of_a_sensors_bits_in_16_fills_the_scale(bits: int, order: str) -> None:
    values = np.rint(grey() / 255.0 * (2**bits - 1)).astype(np.uint16)[..., np.newaxis]
    assert difference(tiff(values, order=order), grey()) < 1


def test_grey_of_12_bits_packed_fills_the_scale() -> None:
    values = np.rint(grey() / 255.0 * 4095).astype(np.uint16)[..., np.newaxis]
    single = (values >> np.arange(11, -1, -1) & 1).astype(np.uint8)
    packed = np.packbits(single.reshape(len(values), -1), axis=1)[..., np.newaxis]
    width = (256, 4, [values.shape[1]])
    assert difference(tiff(packed, bits=12, entries=[width]), grey()) < 1


def test_ycbcr_without_compression() -> None:
    image = Image.fromarray(astronaut())
    assert difference(saved(image.convert("YCbCr"), "TIFF"), astronaut()) < 2


def test_lab_needs_no_profile() -> None:
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    image = ImageCms.profileToProfile(Image.fromarray(astronaut()), srgb, lab, outputMode="LAB")
    assert image is not None
    image.info.clear()
    assert difference(saved(image, "TIFF"), astronaut()) < 2


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_deflate", "packbits", "jpeg", "zstd"])
def test_compressions(compression: str) -> None:
    image = Image.fromarray(astronaut())
    assert difference(saved(image, "TIFF", compression=compression), astronaut()) < 3


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.uint32, np.uint64])
@pytest.mark.parametrize("order", ORDERS)
def test_unusual_whole_numbers_are_refused(dtype: type, order: str) -> None:
    scale = np.iinfo(dtype).max // 255
    refused(tiff(grey().astype(dtype)[..., np.newaxis] * dtype(scale), order=order))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("brightest", [0.1, 1.0, 1.2, 255.0, 4000.0])
def test_fractions_are_refused(dtype: type, order: str, brightest: float) -> None:
    for picture in (grey()[..., np.newaxis], astronaut()):
        refused(tiff((picture / 255.0 * brightest).astype(dtype), order=order))


@pytest.mark.parametrize(
    "data",
    [
        tiff(255 - grey()[..., np.newaxis].astype(np.uint16), photometric=0),
        tiff(astronaut()[..., :2], planar=True),
        tiff(astronaut(), photometric=9),
        tiff(astronaut(), entries=[(254, 4, [1])]),
        tiff(astronaut(), entries=[(259, 3, [50002])]),
        tiff(np.dstack([astronaut(), grey()]), photometric=5, entries=[(332, 3, [2])]),
        tiff(grey()[..., np.newaxis], bits=10),
        tiff(grey()[..., np.newaxis], bits=24),
    ],
    ids=["white_16", "grey_planes", "icc_lab", "preview", "jpeg_xl", "inks", "10_bits", "24_bits"],
)
def test_what_would_be_a_wrong_picture_is_refused(data: bytes) -> None:
    refused(data)


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_colour_of_12_bits_in_16_is_refused(format: str) -> None:
    twelve = astronaut().astype(np.uint16) * 16
    data = tiff(twelve) if format == "TIFF" else png(twelve)
    with pytest.raises(UnsupportedPhoto, match="12"):
        decode(data)


def test_a_black_picture_of_16_bits_is_a_picture() -> None:
    assert (decode(tiff(np.zeros((9, 9, 3), np.uint16))).pixels == 0).all()


def test_a_cut_off_file_is_damaged_not_unsupported() -> None:
    data = encoded(astronaut(), "TIFF", compression="tiff_deflate")
    for share in (0.1, 0.5, 0.9):
        with pytest.raises(UnreadablePhoto) as caught:
            decode(data[: int(len(data) * share)])
        assert not isinstance(caught.value, UnsupportedPhoto)


def with_second_directory(entries: int, present: int) -> bytes:
    """The portrait as a TIFF file whose second directory says that it has so many entries, of which
    only some are there.
    """
    data = bytearray(encoded(astronaut(), "TIFF"))
    (first,) = struct.unpack_from("<I", data, 4)
    (own,) = struct.unpack_from("<H", data, first)
    struct.pack_into("<I", data, first + 2 + 12 * own, len(data))
    return bytes(data) + struct.pack("<H", entries) + bytes(12 * present + 4)


@pytest.mark.parametrize("entries", [20, 65_000])
@pytest.mark.parametrize("is_cut_off", [False, True])
def test_a_second_directory_spoils_no_good_photo(entries: int, *, is_cut_off: bool) -> None:
    present = 3 if is_cut_off else entries
    assert difference(with_second_directory(entries, present), astronaut()) == 0


def refused(data: bytes) -> None:
    with pytest.raises(UnsupportedPhoto, match=r"^This kind of TIFF is not supported"):
        decode(data)

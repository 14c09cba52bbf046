"""Every common format becomes the same upright sRGB pixels, or a typed error."""

import io

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from tests.fuzz.pieces import png_chunk
from tests.image_files import difference
from tests.samples import astronaut, encoded, enlarged, grace_hopper, saved
from webapp.vision.decode import PhotoLimits, decode
from webapp.vision.decode.decoder import ORIENTATION_TAG
from webapp.vision.errors import UnreadablePhoto
from webapp.vision.photo import Photo, encode_jpeg, encode_png
from webapp.vision.types import Pixels

pillow_heif.register_heif_opener()

FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF"]
# EXIF orientation → how the camera's sensor saw an upright scene.
AS_HELD = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
WITH_EXIF = ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"]


def small() -> Pixels:
    return enlarged(grace_hopper(), 256, 300)


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_gives_the_same_picture(format: str) -> None:
    data = encoded(small(), format)
    assert decode(data).pixels.dtype == np.uint8
    assert difference(data, small()) < 6


@pytest.mark.parametrize("format", WITH_EXIF)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_ends_upright(format: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = orientation
    # Store the picture turned the other way, as a camera held sideways does.
    stored = Image.fromarray(small())
    if orientation in AS_HELD:
        stored = stored.transpose(AS_HELD[orientation])
    assert difference(encoded(np.asarray(stored), format, exif=exif.tobytes()), small()) < 6


def test_a_large_jpeg_is_decoded_in_full_only_when_asked() -> None:
    big = enlarged(grace_hopper(), 3001, 2001)
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = 6
    limits = PhotoLimits(preview_long_side=700, preview_pixels=1)
    photo = decode(encoded(big, exif=exif.tobytes()), limits)
    assert (photo.width, photo.height) == (2001, 3001)
    assert photo.preview.shape == (751, 501, 3)
    assert photo.bounded(600).shape == (600, 400, 3)
    assert photo.pixels.shape == (3001, 2001, 3)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "YCbCr", "RGBA", "I;16"])
def test_every_colour_mode_becomes_rgb(mode: str) -> None:
    grey = Image.fromarray(small()).convert("L")
    if mode == "I;16":
        image = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    else:
        image = grey.convert("RGB").convert(mode)
    pixels = decode(saved(image, "JPEG" if mode in ("CMYK", "YCbCr") else "TIFF")).pixels
    assert pixels.shape == (300, 256, 3)
    tolerance = 60 if mode == "1" else 6
    difference = pixels.mean(axis=2) - np.asarray(grey).astype(float)
    assert abs(difference.mean()) < tolerance


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_file_is_unreadable(format: str, share: float) -> None:
    data = encoded(astronaut(), format)
    with pytest.raises(UnreadablePhoto):
        decode(data[: int(len(data) * share)])


def test_a_cut_off_chunk_behind_the_pixels_makes_a_png_unreadable() -> None:
    data = encoded(small(), "PNG")
    with pytest.raises(UnreadablePhoto):
        decode(data[:-12] + png_chunk(b"tRNS", b"\0\1\0\2") + data[-12:])


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP", "AVIF", "TIFF", "HEIF", "MPO"])
def test_of_several_pictures_the_first_counts(format: str) -> None:
    other = Image.new("RGB", (256, 300), (9, 200, 9))
    data = encoded(small(), format, save_all=True, append_images=[other])
    assert difference(data, small()) < 6


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1)])
def test_extreme_shapes_are_photos_too(size: tuple[int, int]) -> None:
    photo = decode(encoded(np.zeros((size[1], size[0], 3), np.uint8), "PNG"))
    assert (photo.width, photo.height) == size
    assert max(photo.bounded(100).shape[:2]) <= 100
    assert min(photo.bounded(100).shape[:2]) >= 1


@pytest.mark.parametrize("turns", range(4))
def test_turning_goes_clockwise_and_stays_lazy(turns: int) -> None:
    data = encoded(enlarged(grace_hopper(), 1024, 1200))
    photo = decode(data, PhotoLimits(preview_long_side=300, preview_pixels=1)).turned(turns)
    expected = np.rot90(decode(data).pixels, -turns)
    assert photo.preview.shape[0] < expected.shape[0]
    assert (photo.height, photo.width) == expected.shape[:2]
    np.testing.assert_array_equal(photo.pixels, expected)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1)])
@pytest.mark.parametrize("turns", range(4))
def test_a_turned_line_lies_in_memory_as_libraries_in_c_expect(
    size: tuple[int, int], turns: int
) -> None:
    pixels = Photo.of(np.zeros((*size, 3), np.uint8)).turned(turns).pixels
    assert pixels.strides == (3 * pixels.shape[1], 3, 1)


@pytest.mark.parametrize("encode", [encode_jpeg, encode_png])
def test_what_we_encode_carries_no_metadata(encode: type) -> None:
    with Image.open(io.BytesIO(encode(small()))) as image:
        assert not image.getexif()
        assert not {"exif", "icc_profile", "xmp", "comment"} & image.info.keys()


def test_a_photo_of_pixels_is_never_enlarged() -> None:
    assert Photo.of(small()).bounded(5000).shape == small().shape

"""Whatever a file declares of its colours, the picture that comes of it is the same in sRGB."""

import io
import struct
import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pillow_heif
import pytest
from PIL import Image, ImageCms

from tests.image_files import difference, png
from tests.samples import astronaut, encoded, grey, saved
from webapp.vision.decode import decode
from webapp.vision.types import Pixels

pillow_heif.register_heif_opener()

Light = npt.NDArray[np.float64]

# Rows of RGB → XYZ relative to D50 (as ICC profiles have it), from the registry of the ICC.
SRGB = np.array(
    [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.7141]]
)
ADOBE = np.array(
    [[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]]
)
# From BT.709's primaries to others of the same white (ITU-R BT.2087; SMPTE EG 432-1).
TO_BT2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.088, 0.8956]])
TO_P3 = np.array([[0.8225, 0.1774, 0.0], [0.0332, 0.9669, 0.0], [0.0171, 0.0724, 0.9108]])
WITH_PROFILE = ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"]
GAMMA_1 = (b"gAMA", struct.pack(">I", 100_000))
CICP_PQ = (b"cICP", bytes([9, 16, 0, 1]))
CICP_HLG = (b"cICP", bytes([9, 18, 0, 1]))
CICP_P3 = (b"cICP", bytes([12, 13, 0, 1]))


def light() -> Light:
    """The portrait in linear light, 0 to 1."""
    value = astronaut() / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def in_adobe_rgb() -> Light:
    return np.clip(light() @ (np.linalg.inv(ADOBE) @ SRGB).T, 0, 1) ** (256 / 563)


def codes(values: Light, most: int = 255) -> npt.NDArray[np.uint8 | np.uint16]:
    return np.rint(np.clip(values, 0, 1) * most).astype(np.uint8 if most == 255 else np.uint16)


def srgb_curve(values: Light) -> Light:
    values = np.clip(values, 0, 1)
    return np.where(values <= 0.0031308, values * 12.92, 1.055 * values ** (1 / 2.4) - 0.055)


def pq(nits: Light) -> Light:
    power = (np.clip(nits, 0, None) / 10_000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375


def hlg(nits: Light) -> Light:
    """Of BT.2020's light on a display of 1000 nits."""
    shown = np.clip(nits, 1e-6, None) / 1000
    luminance = shown @ [0.2627, 0.678, 0.0593]
    scene = shown * luminance[..., np.newaxis] ** (1 / 1.2 - 1)
    high = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), high)


def profile(name: str, to_xyz: Light, exponent: float) -> bytes:
    """An ICC profile, version 2, of three primaries and one exponent."""

    def fixed(numbers: Sequence[float]) -> bytes:
        return b"".join(struct.pack(">i", round(number * 65536)) for number in numbers)

    text = name.encode() + b"\0"
    white = (0.9642, 1, 0.8249)
    curve = struct.pack(">4s4xIHxx", b"curv", 1, round(exponent * 256))
    tags = {b"desc": b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(78)}
    tags[b"cprt"] = b"text" + bytes(4) + b"CC0\0"
    tags[b"wtpt"] = b"XYZ " + bytes(4) + fixed(white)
    for letter, primary in zip((b"r", b"g", b"b"), to_xyz.T, strict=True):
        tags[letter + b"XYZ"] = b"XYZ " + bytes(4) + fixed(primary)
        tags[letter + b"TRC"] = curve
    table, body = struct.pack(">I", len(tags)), b""
    for tag, value in tags.items():
        table += struct.pack(">4sII", tag, 132 + 12 * len(tags) + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    head = struct.pack(">I4sI", 128 + len(table) + len(body), b"lcms", 0x02400000)
    head += b"mntrRGB XYZ " + struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    return (head + fixed(white)).ljust(128, b"\0") + table + body


@pytest.mark.parametrize("name", ["GIMP built-in Linear sRGB", "sRGB", "Linear", "", "Adobe"])
def test_a_profile_counts_whatever_it_is_called(name: str) -> None:
    data = encoded(codes(light()), "PNG", icc_profile=profile(name, SRGB, 1.0))
    assert difference(data) < 1


@pytest.mark.parametrize("format", WITH_PROFILE)
def test_a_profile_counts_in_every_format(format: str) -> None:
    adobe = codes(in_adobe_rgb())
    icc = profile("no sRGB", ADOBE, 563 / 256)
    quality = {} if format in ("PNG", "TIFF") else {"quality": 95}
    assert difference(encoded(adobe, format, icc_profile=icc, **quality)) < 3


def test_srgb_itself_is_left_alone() -> None:
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert difference(encoded(astronaut(), "PNG", icc_profile=icc)) == 0


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("alpha", [False, True])
def test_a_grey_profile_counts(bits: int, alpha: bool) -> None:
    value = (np.asarray(grey()) / 255.0) ** 0.5
    most = 2**bits - 1
    samples = [codes(value, most), np.full_like(codes(value, most), most)][: 1 + alpha]
    icc = grey_profile(1.0)
    expected = codes(srgb_curve(value))
    file = png(np.dstack(samples), (b"iCCP", b"grey\0\0" + zlib.compress(icc)))
    assert difference(file, expected) < 1.5


def grey_profile(exponent: float) -> bytes:
    icc = profile("grey", SRGB, exponent)
    # The tag of a grey curve is another one; the tags of colour are then of no account.
    return icc.replace(b"mntrRGB ", b"mntrGRAY").replace(b"rTRC", b"kTRC")


def test_grey_pixels_may_have_a_profile_of_colours_and_not_the_other_way_round() -> None:
    value = (grey() / 255.0)[..., np.newaxis]
    icc = profile("linear", SRGB, 1.0)
    file = png(codes(value), (b"iCCP", b"linear\0\0" + zlib.compress(icc)))
    assert difference(file, codes(srgb_curve(value[..., 0]))) < 1
    assert difference(encoded(astronaut(), "PNG", icc_profile=grey_profile(1.0))) == 0


@pytest.mark.parametrize("damaged", [b"not a profile", profile("x", SRGB, 1.0)[:200], bytes(200)])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "CMYK"])
def test_a_damaged_profile_spoils_no_good_picture(damaged: bytes, mode: str) -> None:
    image = Image.fromarray(astronaut()).convert(mode)
    expected = np.asarray(image.convert("RGB"))
    assert difference(saved(image, "TIFF", icc_profile=damaged), expected) < 1


@pytest.mark.parametrize("bits", [8, 16])
def test_pngs_gamma_counts(bits: int) -> None:
    assert difference(png(codes(light(), 2**bits - 1), GAMMA_1)) < 1
    value = (grey() / 255.0)[..., np.newaxis]
    expected = codes(srgb_curve(value[..., 0]))
    assert difference(png(codes(value, 2**bits - 1), GAMMA_1), expected) < 1


def test_pngs_primaries_count() -> None:
    adobe = codes(in_adobe_rgb())
    white_and_primaries = (0.3127, 0.329, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
    chunks = [
        (b"gAMA", struct.pack(">I", round(100_000 * 256 / 563))),
        (b"cHRM", struct.pack(">8I", *(round(xy * 100_000) for xy in white_and_primaries))),
    ]
    assert difference(png(adobe, *chunks)) < 1


@pytest.mark.parametrize("xy", [(0,) * 8, (31270, 32900, *(30000, 30000) * 3), (2**32 - 1,) * 8])
@pytest.mark.parametrize("gamma", [0, 1, 2**31])
def test_pngs_nonsense_does_not_count(xy: tuple[int, ...], gamma: int) -> None:
    chunks = (b"gAMA", struct.pack(">I", gamma)), (b"cHRM", struct.pack(">8I", *xy))
    assert difference(png(astronaut(), *chunks)) < 3


def test_of_several_chunks_the_strongest_counts() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    iccp, srgb_chunk = (b"iCCP", b"srgb\0\0" + zlib.compress(srgb)), (b"sRGB", b"\0")
    assert difference(png(astronaut(), srgb_chunk, GAMMA_1)) == 0
    assert difference(png(astronaut(), iccp, GAMMA_1)) == 0
    p3 = codes(srgb_curve(light() @ TO_P3.T))
    assert difference(png(p3, CICP_P3, iccp, srgb_chunk, GAMMA_1)) < 1


@pytest.mark.parametrize(("curve", "chunk"), [(pq, CICP_PQ), (hlg, CICP_HLG)])
@pytest.mark.parametrize("most", [255, 65535])
def test_high_dynamic_range_in_png(curve: type, chunk: tuple[bytes, bytes], most: int) -> None:
    assert difference(png(codes(curve(light() @ TO_BT2020.T * 203), most), chunk)) < 1


@pytest.mark.parametrize(("curve", "number"), [(pq, 16), (hlg, 18)])
@pytest.mark.parametrize("full_range", [0, 1])
def test_high_dynamic_range_in_heic(curve: type, number: int, full_range: int) -> None:
    data = heic(curve(light() @ TO_BT2020.T * 203), 9, number, full_range)
    assert difference(data) < 3


def test_p3_in_heic() -> None:
    assert difference(heic(srgb_curve(light() @ TO_P3.T), 12, 13, 1)) < 1.5


@pytest.mark.parametrize(
    ("values", "primaries", "curve"),
    [
        (pq(light() @ TO_BT2020.T * 203), 9, 16),
        (hlg(light() @ TO_BT2020.T * 203), 9, 18),
        (srgb_curve(light() @ TO_P3.T), 12, 13),
        (light(), 1, 8),
    ],
    ids=["PQ", "HLG", "P3", "linear"],
)
def test_numbers_in_avif(values: Light, primaries: int, curve: int) -> None:
    data = encoded(codes(values), "AVIF", quality=97, subsampling="4:4:4")
    before, box, after = data.partition(b"colrnclx")
    assert box
    assert difference(before + box + struct.pack(">HH", primaries, curve) + after[4:]) < 4


def test_high_dynamic_range_that_a_profile_tells_of() -> None:
    icc = (
        profile("Rec. 2100 PQ", SRGB, 2.2)
        .replace(b"cprt", b"cicp")
        .replace(b"text" + bytes(4) + b"CC0\0", b"cicp" + bytes(4) + bytes([9, 16, 0, 1]))
    )
    values = codes(pq(light() @ TO_BT2020.T * 203))
    assert difference(encoded(values, "PNG", icc_profile=icc)) < 1


def test_highlights_are_pressed_together_not_cut_off() -> None:
    ramp = np.linspace(0, 1000, 500)[np.newaxis, :, np.newaxis].repeat(3, axis=2)
    pixels = decode(png(codes(pq(ramp), 65535), CICP_PQ)).pixels[0, :, 0].astype(int)
    assert (np.diff(pixels) >= 0).all()
    assert pixels[round(203 / 2)] < 250
    assert pixels[-1] == 255
    assert len(np.unique(pixels[105:])) > 4


def test_adobe_rgb_that_only_exif_tells_of() -> None:
    adobe = codes(in_adobe_rgb())
    exif = Image.Exif()
    exif.get_ifd(0x8769).update({0xA001: 65535, 0xA005: {1: "R03", 2: b"0100"}})
    assert difference(encoded(adobe, exif=exif.tobytes(), quality=97)) < 2
    exif.get_ifd(0x8769)[0xA005] = {1: "R98", 2: b"0100"}
    assert difference(encoded(astronaut(), exif=exif.tobytes(), quality=97)) < 2


@pytest.mark.filterwarnings("ignore:Corrupt EXIF", "ignore:Possibly corrupt")
def test_damaged_exif_spoils_no_good_picture() -> None:
    directory = struct.pack(">HHHIIH", 1, 0x8769, 4, 1, 2**31, 0)
    for exif in (b"MM\0*\0\0\0\x08" + directory + b"R03\0", b"R03\0", b"II*\0R03\0"):
        data = encoded(astronaut(), exif=b"Exif\0\0" + exif, quality=97)
        assert difference(data) < 2


def heic(values: Light, primaries: int, curve: int, full_range: int) -> bytes:
    file = io.BytesIO()
    height, width, _ = values.shape
    data = codes(values, 65535).astype("<u2").tobytes()
    pillow_heif.from_bytes(mode="RGB;16", size=(width, height), data=data).save(
        file,
        quality=95,
        chroma=444,
        color_primaries=primaries,
        transfer_characteristics=curve,
        matrix_coefficients=9 if primaries == 9 else 6,
        full_range_flag=full_range,
    )
    return file.getvalue()


def veil() -> Pixels:
    """Opaque above, half so, clear below."""
    return np.repeat(np.array([255, 128, 0, 0], np.uint8), 128)[:, np.newaxis].repeat(512, axis=1)


def over_white(pixels: Pixels) -> Pixels:
    alpha = veil()[..., np.newaxis][..., : pixels.ndim - 1] if pixels.ndim == 3 else veil()
    return codes((pixels * (alpha / 255) + 255 - alpha) / 255)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("picture", [astronaut(), grey()], ids=["RGBA", "LA"])
def test_transparency_lies_over_white(bits: int, picture: Pixels) -> None:
    scale, dtype = (1, np.uint8) if bits == 8 else (257, np.uint16)
    samples = np.dstack([picture, veil()]).astype(dtype) * dtype(scale)
    assert difference(png(samples), over_white(picture)) < 0.5


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("colour", [(200, 10, 10), (77,)], ids=["RGB", "L"])
def test_one_transparent_colour_lies_over_white(bits: int, colour: tuple[int, ...]) -> None:
    scale, dtype = (1, np.uint8) if bits == 8 else (257, np.uint16)
    picture = (astronaut() if len(colour) == 3 else grey()[..., np.newaxis]).copy()
    picture[300:] = colour
    clear = (picture == colour).all(axis=-1, keepdims=True)
    chunk = (b"tRNS", b"".join(struct.pack(">H", value * scale) for value in colour))
    expected = np.where(clear, 255, picture).astype(np.uint8)
    data = png((picture.astype(int) * scale).astype(dtype), chunk)
    assert difference(data, expected if len(colour) == 3 else expected[..., 0]) == 0


@pytest.mark.parametrize("format", ["PNG", "GIF"])
def test_a_palettes_transparency_lies_over_white(format: str) -> None:
    alpha = np.where(veil() < 255, 0, 255).astype(np.uint8)
    image = Image.fromarray(np.dstack([astronaut(), alpha]))
    expected = np.where(veil()[..., np.newaxis] < 255, 255, astronaut()).astype(np.uint8)
    data = saved(image.quantize(255) if format == "PNG" else image, format)
    assert difference(data, expected) < 4

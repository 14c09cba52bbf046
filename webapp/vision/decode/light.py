"""From values of any RGB encoding to sRGB: primaries, curves, and high dynamic range."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from webapp.vision.decode.encodings import BT709, HLG, PQ, SRGB_CURVE, Encoding, Primaries
from webapp.vision.types import Floats, Pixels

Doubles = npt.NDArray[np.float64]

# Light, below, is ``float32`` of shape (3, pixels): three planes, in which 1 is white.

# Cone responses of Bradford's adaptation from one white to another (ICC.1, annex E).
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
# Candela per square metre of white in a picture without highlights (ITU-R BT.2408), and of the
# display that HLG is defined by (ITU-R BT.2100).
_WHITE_NITS = 203.0
_HLG_NITS, _HLG_GAMMA = 1000.0, 1.2
_PQ_NITS = 10_000.0
_STEPS = 16_384
_HIGHLIGHTS = 99.9
"""The percentile of brightness that stays distinguishable from white."""


def to_srgb(encoding: Encoding, sample: Pixels) -> Callable[[Pixels], Pixels]:
    """What turns RGB ``uint8`` of an encoding into sRGB, any shape that ends in 3.

    The brightest of ``sample``, a small copy of the picture, decides how far highlights are
    pressed together.
    """
    table = _decoded(encoding.curve)
    matrix = _to_bt709(encoding.primaries)
    is_hdr = encoding.curve in (PQ, HLG)

    def light(pixels: Pixels) -> Floats:
        planes = table[np.ascontiguousarray(pixels.reshape(-1, 3).T)]
        if encoding.curve == HLG:
            _display(planes, _to_xyz(encoding.primaries)[1].astype(np.float32))
        return planes

    dim = _tone_mapping(light(sample)) if is_hdr else None

    def convert(pixels: Pixels) -> Pixels:
        planes = light(pixels)
        if dim is not None:
            dim(planes)
        return np.ascontiguousarray(_encoded(matrix @ planes).T).reshape(pixels.shape)

    return convert


def _decoded(curve: str | float) -> Floats:
    """Light of each of the 256 values: 1 is white, more is a highlight. HLG's is the scene's."""
    value = np.arange(256) / 255
    if curve == PQ:
        light = _pq_nits(value) / _WHITE_NITS
    elif curve == HLG:  # ITU-R BT.2100, table 5
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        light = np.where(value <= 0.5, value**2 / 3, (np.exp((value - c) / a) + b) / 12)
    elif curve == SRGB_CURVE:  # IEC 61966-2-1
        light = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    else:
        light = value ** float(curve)
    return np.asarray(light, np.float32)


def _display(scene: Floats, luminance: Floats) -> None:
    """Make of a scene's light what HLG's reference display shows (ITU-R BT.2100, table 5)."""
    gain = np.maximum(luminance @ scene, 0) ** np.float32(_HLG_GAMMA - 1)
    scene *= gain * np.float32(_HLG_NITS / _WHITE_NITS)


@lru_cache(maxsize=1)
def _srgb_codes() -> Pixels:
    light = np.arange(_STEPS) / (_STEPS - 1)
    value = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(value * 255), np.uint8)


def _encoded(light: Floats) -> Pixels:
    step = np.clip(light, 0, 1) * np.float32(_STEPS - 1) + np.float32(0.5)
    return _srgb_codes()[step.astype(np.uint16)]


def _to_bt709(primaries: Primaries) -> Floats:
    """The matrix from light of these primaries to BT.709's, white adapted to its white."""
    cones = [_BRADFORD @ _to_xyz(one).sum(axis=1) for one in (BT709, primaries)]
    adapted = np.linalg.inv(_BRADFORD) @ np.diag(cones[0] / cones[1]) @ _BRADFORD
    matrix = np.linalg.inv(_to_xyz(BT709)) @ adapted @ _to_xyz(primaries)
    return np.asarray(matrix, np.float32)


def _to_xyz(primaries: Primaries) -> Doubles:
    """The matrix from RGB to CIE XYZ (SMPTE RP 177)."""
    x, y = np.array(primaries).reshape(4, 2).T
    xyz = np.array([x / y, np.ones(4), (1 - x - y) / y])
    return np.asarray(xyz[:, :3] * np.linalg.solve(xyz[:, :3], xyz[:, 3]))


# SMPTE ST 2084.
_M1, _M2, _C1, _C2, _C3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128


def _pq_nits(value: Doubles) -> Doubles:
    power = value ** (1 / _M2)
    return np.asarray(_PQ_NITS * (np.maximum(power - _C1, 0) / (_C2 - _C3 * power)) ** (1 / _M1))


def _pq_value(nits: Doubles | float) -> Doubles:
    power = (np.asarray(nits) / _PQ_NITS) ** _M1
    return np.asarray(((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2)


def _tone_mapping(sample: Floats) -> Callable[[Floats], None]:
    """What presses highlights as bright as the sample's below white and keeps hues: the three
    colours are dimmed alike, as the brightest of them asks.
    """
    peak = max(1.0, float(np.percentile(sample.max(axis=0), _HIGHLIGHTS)))
    roots = np.linspace(0, 1, _STEPS)  # finer steps for less light
    gains = _gain(np.maximum(roots**2 * peak, 1e-9), peak).astype(np.float32)

    def dim(light: Floats) -> None:
        root = np.sqrt(np.minimum(light.max(axis=0) / np.float32(peak), 1))
        light *= gains[(root * np.float32(_STEPS - 1)).astype(np.uint16)]

    return dim


def _gain(light: Doubles, peak: float) -> Doubles:
    """The curve of ITU-R BT.2390, section 5.4.1, from ``peak`` to 1, as a factor of ``light``."""
    top = float(_pq_value(peak * _WHITE_NITS))
    white = float(_pq_value(_WHITE_NITS)) / top
    knee = min(1.5 * white - 0.5, 1 - 1e-9)
    value = _pq_value(light * _WHITE_NITS) / top
    t = np.maximum((value - knee) / (1 - knee), 0)
    spline = (
        (2 * t**3 - 3 * t**2 + 1) * knee
        + (t**3 - 2 * t**2 + t) * (1 - knee)
        + (-2 * t**3 + 3 * t**2) * white
    )
    return _pq_nits(np.where(value > knee, spline, value) * top) / _WHITE_NITS / light

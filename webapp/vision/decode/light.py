"""From values of any RGB encoding to sRGB: primaries, curves, and high dynamic range."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from webapp.vision.decode.encodings import BT709, HLG, PQ, SRGB_CURVE, Encoding, Primaries
from webapp.vision.types import Pixels

Floats = npt.NDArray[np.float32]

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
"""The percentile of brightness that is still told apart from white."""


def to_srgb(encoding: Encoding, sample: Pixels) -> Callable[[Pixels], Pixels]:
    """What turns RGB ``uint8`` of an encoding into sRGB, any shape that ends in 3.

    The brightest of ``sample``, a small copy of the picture, decides how far highlights are
    pressed together.
    """
    table = _decoded(encoding.curve)
    matrix = _to_bt709(encoding.primaries)
    luminance = _to_xyz(encoding.primaries)[1].astype(np.float32)

    def light(pixels: Pixels) -> Floats:
        scene = table[pixels]
        return _displayed(scene, luminance) if encoding.curve == HLG else scene

    if encoding.curve not in (PQ, HLG):
        return lambda pixels: _encoded(light(pixels) @ matrix)
    peak = _peak(light(sample))
    return lambda pixels: _encoded(_tone_mapped(light(pixels), peak) @ matrix)


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


def _displayed(scene: Floats, luminance: Floats) -> Floats:
    """What HLG's reference display makes of a scene's light (ITU-R BT.2100, table 5)."""
    gain = np.maximum(scene @ luminance, 0) ** np.float32(_HLG_GAMMA - 1)
    gain *= np.float32(_HLG_NITS / _WHITE_NITS)
    return np.asarray(scene * gain[..., np.newaxis])


@lru_cache(maxsize=1)
def _srgb_codes() -> Pixels:
    light = np.arange(_STEPS) / (_STEPS - 1)
    value = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(value * 255), np.uint8)


def _encoded(light: Floats) -> Pixels:
    step = np.clip(light, 0, 1) * np.float32(_STEPS - 1) + np.float32(0.5)
    return _srgb_codes()[step.astype(np.uint16)]


def _to_bt709(primaries: Primaries) -> Floats:
    """Rows of light @ this are light of BT.709's primaries, white adapted to its white."""
    cones = [_BRADFORD @ _to_xyz(one).sum(axis=1) for one in (BT709, primaries)]
    adapted = np.linalg.inv(_BRADFORD) @ np.diag(cones[0] / cones[1]) @ _BRADFORD
    matrix = np.linalg.inv(_to_xyz(BT709)) @ adapted @ _to_xyz(primaries)
    return np.asarray(matrix.T, np.float32)


def _to_xyz(primaries: Primaries) -> npt.NDArray[np.float64]:
    """The matrix from RGB to CIE XYZ (SMPTE RP 177)."""
    x, y = np.array(primaries).reshape(4, 2).T
    xyz = np.array([x / y, np.ones(4), (1 - x - y) / y])
    return np.asarray(xyz[:, :3] * np.linalg.solve(xyz[:, :3], xyz[:, 3]))


# SMPTE ST 2084.
_M1, _M2, _C1, _C2, _C3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128


def _pq_nits(value: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    power = value ** (1 / _M2)
    return np.asarray(_PQ_NITS * (np.maximum(power - _C1, 0) / (_C2 - _C3 * power)) ** (1 / _M1))


def _pq_value(light: Floats | float) -> Floats:
    power = (np.asarray(light, np.float32) * np.float32(_WHITE_NITS / _PQ_NITS)) ** np.float32(_M1)
    return np.asarray(((_C1 + _C2 * power) / (1 + _C3 * power)) ** np.float32(_M2))


def _peak(light: Floats) -> float:
    return float(np.percentile(light.max(axis=-1), _HIGHLIGHTS))


def _tone_mapped(light: Floats, peak: float) -> Floats:
    """Highlights up to ``peak`` pressed below white, the rest as it is: the curve of ITU-R
    BT.2390, section 5.4.1, over the brightest of the three colours, so that hues stay.
    """
    if peak <= 1:
        return light
    brightest = np.maximum(light.max(axis=-1), np.float32(1e-6))
    top = float(_pq_value(peak))
    white = float(_pq_value(1.0)) / top
    knee = 1.5 * white - 0.5
    value = np.minimum(_pq_value(brightest) / np.float32(top), 1)
    t = np.maximum((value - knee) / (1 - knee), 0)
    spline = (
        (2 * t**3 - 3 * t**2 + 1) * knee
        + (t**3 - 2 * t**2 + t) * (1 - knee)
        + (-2 * t**3 + 3 * t**2) * white
    )
    pressed = np.where(value > knee, spline, value).astype(np.float64) * top
    gain = _pq_nits(pressed) / _WHITE_NITS / brightest
    return np.asarray(light * gain.astype(np.float32)[..., np.newaxis])

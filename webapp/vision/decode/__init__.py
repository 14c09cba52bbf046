"""From a file's bytes to upright sRGB pixels."""

from webapp.vision.decode.limits import PREVIEW_PIXELS, PhotoLimits
from webapp.vision.decode.pool import decode, start_decoder

__all__ = ["PREVIEW_PIXELS", "PhotoLimits", "decode", "start_decoder"]

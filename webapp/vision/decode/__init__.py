"""From a file's bytes to upright sRGB pixels."""

from webapp.vision.decode.limits import PhotoLimits
from webapp.vision.decode.pool import decode, start_decoder

__all__ = ["PhotoLimits", "decode", "start_decoder"]

"""From a file's bytes to upright sRGB pixels."""

from webapp.vision.decode.decoder import FORMATS, PhotoLimits, decode

__all__ = ["FORMATS", "PhotoLimits", "decode"]

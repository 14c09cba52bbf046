"""Decoding in child processes, so that a file that costs too much kills one of those at most."""

import atexit
import logging
import os
from contextlib import suppress
from functools import partial

from webapp.vision.decode.decoder_process import DecoderProcess
from webapp.vision.decode.limits import PhotoLimits
from webapp.vision.decode.unsupported import refuse_other_kinds
from webapp.vision.errors import FILE_TOO_LARGE, DecoderUnavailable, PhotoTooLarge, UnreadablePhoto
from webapp.vision.photo import Photo
from webapp.vision.types import Pixels

log = logging.getLogger(__name__)


def decode(data: bytes, limits: PhotoLimits | None = None) -> Photo:
    """Decode the first picture of a JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC file, in a
    process of its own that the limits bind.

    The result is upright (EXIF orientation applied), sRGB (whatever the file declares converted,
    highlights of PQ and HLG pressed below white) and lies over white where it was transparent.

    Raises PhotoTooLarge (bytes or pixels, before a pixel is decoded), UnsupportedPhoto (a picture
    of a kind that is not read), NotAPhoto (anything else), UnreadablePhoto (empty, truncated,
    damaged), PhotoTooCostly (memory or time) or DecoderUnavailable. ``Photo.pixels`` raises the
    same where it decodes.
    """
    limits = limits or PhotoLimits()
    if not data:
        raise UnreadablePhoto("The file is empty.")
    refuse_other_kinds(data)
    if len(data) > limits.max_bytes:
        raise PhotoTooLarge(FILE_TOO_LARGE, limit=limits.max_bytes / 1e6)
    pixels, width, height = _POOL.decode(data, limits)
    if pixels.shape == (height, width, 3):
        return Photo.of(pixels)
    return Photo(pixels, width, height, partial(_decode_fully, data, limits))


def start_decoder() -> None:
    """Start a process now, so that the first photo need not wait for it.

    Raises DecoderUnavailable.
    """
    _POOL.start()


def _decode_fully(data: bytes, limits: PhotoLimits) -> Pixels:
    return _POOL.decode(data, limits, is_full=True)[0]


class DecoderPool:
    """As many processes as photos were ever decoded at once, reused for later photos."""

    def __init__(self) -> None:
        self.idle: list[DecoderProcess] = []

    def start(self) -> None:
        """Start one more. Raises DecoderUnavailable."""
        self.idle.append(DecoderProcess())

    def decode(
        self, data: bytes, limits: PhotoLimits, is_full: bool = False
    ) -> tuple[Pixels, int, int]:
        """Pixels, and the width and height of the photo's full resolution, which the pixels have
        where ``is_full``. Raises what ``DecoderProcess.decode`` raises.
        """
        decoder = self._take()
        try:
            return decoder.decode(data, limits, is_full)
        finally:
            self._give_back(decoder)

    def close(self) -> None:
        """End those that have no photo."""
        while self.idle:
            self.idle.pop().close()

    def leave_to_parent(self) -> None:
        """In a process that was forked: the decoders are not ours."""
        self._not_ours, self.idle = self.idle, []

    def _take(self) -> DecoderProcess:
        with suppress(IndexError):  # several threads take
            while True:
                decoder = self.idle.pop()
                if decoder.is_fit:
                    return decoder
                decoder.close()
        return DecoderProcess()

    def _give_back(self, decoder: DecoderProcess) -> None:
        if decoder.is_fit:
            self.idle.append(decoder)
            return
        log.info("A decoder was replaced.", extra={"ended": decoder.close()})
        with suppress(DecoderUnavailable):  # the next photo tries again, and tells
            self.start()


_POOL = DecoderPool()
atexit.register(_POOL.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_POOL.leave_to_parent)

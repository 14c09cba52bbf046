"""The server's side of one decoder process; ``child`` is the other."""

import json
import mmap
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import numpy as np

from webapp.vision import errors
from webapp.vision.decode.limits import PhotoLimits
from webapp.vision.errors import DecoderUnavailable, PhotoTooCostly
from webapp.vision.types import Pixels

WINDOW_BYTES = 8 << 20
"""Memory through which pixels come: a photo of 2.6 megapixels at once, larger ones in pieces."""
START_SECONDS = 60.0
"""Seconds for a new process to load the codecs, however busy the machine is."""
DEATH_SECONDS = 2.0
MOST_PHOTOS = 1000
"""Photos after which a process is replaced, because codecs may leak."""

_ROOT = Path(__file__).parents[3]
# Codecs get nothing else from the environment, such as passwords.
_KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH", "TMPDIR")
_VARIABLES = {
    # Threads reserve memory that photos need.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    # So much is kept from photo to photo, enough for 4 megapixels: fetching it anew costs as much
    # time as decoding a JPEG.
    "MALLOC_TRIM_THRESHOLD_": str(40 << 20),
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
}


class DecoderProcess:
    """A process that decodes one photo at a time, until one kills it."""

    def __init__(self) -> None:
        """Start it; it may still be loading. Raises DecoderUnavailable."""
        self._is_ready = False
        self._is_busy = False
        self._photos = 0
        try:
            with ExitStack() as opened:
                self._connection, theirs = map(opened.enter_context, socket.socketpair())
                self._answers = opened.enter_context(self._connection.makefile("rb"))
                file = opened.enter_context(_memory())
                file.truncate(WINDOW_BYTES)
                self._window = opened.enter_context(mmap.mmap(file.fileno(), WINDOW_BYTES))
                self._process = _start(theirs.fileno(), file.fileno())
                theirs.close()
                file.close()
                self._opened = opened.pop_all()
        except OSError as error:
            raise DecoderUnavailable from error
        self.pid = self._process.pid

    @property
    def is_fit(self) -> bool:
        """Whether it can take another photo."""
        return not self._is_busy and self._photos < MOST_PHOTOS and self._process.poll() is None

    def decode(self, data: bytes, limits: PhotoLimits, is_full: bool) -> tuple[Pixels, int, int]:
        """Pixels, and the width and height of the photo's full resolution.

        Raises NotAPhoto, UnreadablePhoto, PhotoTooLarge, PhotoTooCostly or DecoderUnavailable; of
        the last two it is not fit any more.
        """
        self._await_start()
        self._is_busy = True
        self._photos += 1
        end = time.monotonic() + limits.deadline
        try:
            answer = self._ask({"full": is_full, "limits": asdict(limits)}, data, end)
            pixels: Pixels = np.empty(answer.get("shape", 0), np.uint8)
            self._fill(pixels.data.cast("B"), end)
        except TimeoutError as error:
            raise PhotoTooCostly from error
        except (OSError, EOFError) as error:
            with suppress(subprocess.TimeoutExpired):  # it ends; close() says why
                self._process.wait(DEATH_SECONDS)
            raise PhotoTooCostly from error
        if answer.get("error") != PhotoTooCostly.__name__:
            self._is_busy = False
        if "error" in answer:
            raise getattr(errors, answer["error"])(answer["template"], **answer["values"])
        if "traceback" in answer:
            raise RuntimeError(answer["traceback"])
        width, height = answer["full_size"]
        return pixels, width, height

    def close(self) -> str:
        """Stop it; returns in a word how it had already ended, if it had."""
        status = self._process.poll()
        self._process.kill()
        self._process.wait()
        self._opened.close()
        if status is None:
            return "running"
        return signal.Signals(-status).name if status < 0 else f"status {status}"

    def _await_start(self) -> None:
        try:
            if not self._is_ready:
                self._receive(time.monotonic() + START_SECONDS)
        except (OSError, EOFError) as error:
            self._is_busy = True
            raise DecoderUnavailable from error
        self._is_ready = True

    def _ask(self, request: dict[str, Any], data: bytes, end: float) -> dict[str, Any]:
        self._send(json.dumps({**request, "size": len(data)}).encode() + b"\n" + data, end)
        return self._receive(end)

    def _fill(self, pixels: memoryview, end: float) -> None:
        """Copy the pixels from the window, in pieces if they are more than it holds."""
        for start in range(0, len(pixels), WINDOW_BYTES):
            if start:
                self._send(b"\n", end)
                self._receive(end)
            piece = pixels[start : start + WINDOW_BYTES]
            with memoryview(self._window) as window:
                piece[:] = window[: len(piece)]

    def _send(self, message: bytes, end: float) -> None:
        self._connection.settimeout(max(0.001, end - time.monotonic()))
        self._connection.sendall(message)

    def _receive(self, end: float) -> dict[str, Any]:
        self._connection.settimeout(max(0.001, end - time.monotonic()))
        line = self._answers.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        message: dict[str, Any] = json.loads(line)
        return message


def _memory() -> IO[bytes]:
    """A file that two processes can share, in memory where the system can do that."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("photo"), "w+b")
    return tempfile.TemporaryFile()


def _start(connection: int, window: int) -> subprocess.Popen[bytes]:
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    path = os.pathsep.join([str(_ROOT), *filter(None, [kept.get("PYTHONPATH")])])
    command = [sys.executable, "-P", "-m", "webapp.vision.decode.child", connection, window]
    return subprocess.Popen(  # noqa: S603 # ourselves
        list(map(str, command)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(connection, window),
        env={**kept, **_VARIABLES, "PYTHONPATH": path},
    )

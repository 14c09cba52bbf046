"""The decoder process: ``python -m webapp.vision.decode.child SOCKET WINDOW``, two open files.

It answers one request after another on its end of a socket. A request is a line of JSON, then the
file's bytes; the answer is a line of JSON, either an error or the sides of the picture, whose
pixels are in the window: memory that both processes see. A picture larger than the window is
sent in pieces: the parent requests each further piece with an empty line, and the same line of
JSON answers.

Codecs run only here, where limits of memory and time end what a hostile file would make them do.
"""

import ctypes
import json
import mmap
import os
import resource
import select
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Mapping
from contextlib import suppress
from errno import ENOMEM
from pathlib import Path
from typing import Any, BinaryIO

# Otherwise Pillow would look for other formats' modules while it decodes a photo.
from PIL import (  # noqa: F401
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from webapp.vision.decode.decoder import Decoded, decode_image, open_photo
from webapp.vision.decode.limits import PhotoLimits
from webapp.vision.decode.structure import webp_size
from webapp.vision.errors import PhotoTooCostly, UnreadablePhoto, VisionError

# On the kernel's scale up to 1000: when the machine runs out of memory, this process is killed
# rather than the server.
_OOM_SCORE = "500"

MANY_PIXELS = 20_000_000
"""From here on a photo may need the memory that small ones leave ready for the next. Below, to
fetch that memory anew would take as long as decoding.
"""

_LIBC = ctypes.CDLL(None)
_errno_location = _LIBC["__errno_location" if sys.platform == "linux" else "__error"]
_errno_location.restype = ctypes.POINTER(ctypes.c_int)
_ERRNO = _errno_location()
"""C's errno in the main thread. Some codecs call a file damaged when they run out of memory.
"""

Outcome = tuple[Mapping[str, Any], memoryview]
"""The answer to the parent, with the pixels' bytes, if any."""


def main(socket_number: int, window_number: int) -> None:
    """Serve until the parent is gone."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the parent handles them and ends this process
    connection = socket.socket(fileno=socket_number)
    threading.Thread(target=_end_with, args=(connection,), daemon=True).start()
    idle_memory = _limit_process()
    with mmap.mmap(window_number, 0) as window, connection.makefile("rb") as requests:
        connection.sendall(b"{}\n")  # ready
        for line in requests:
            request = json.loads(line)
            data = requests.read(request["size"])
            limits = PhotoLimits(**request["limits"])
            _serve(
                connection, requests, window, _answer(data, limits, request["full"], idle_memory)
            )


def _end_with(connection: socket.socket) -> None:
    """End as soon as the parent does, even while decoding."""
    hang_up = select.poll()
    hang_up.register(connection, 0)
    hang_up.poll()
    os._exit(0)


def _limit_process() -> int:
    """Disable core dumps, which would hold a photo; returns the current address space, bytes."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform != "linux":
        return 0
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE, encoding="ascii")
    return _address_space()


def _address_space() -> int:
    """Bytes that this process has reserved, on Linux."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
    return int(pages) * resource.getpagesize()


def _answer(data: bytes, limits: PhotoLimits, is_full: bool, idle_memory: int) -> Outcome:
    _ERRNO[0] = 0
    try:
        decoded = _decoded(data, limits, is_full, idle_memory)
    except MemoryError:
        return _refusal(PhotoTooCostly())
    except UnreadablePhoto as error:
        return _refusal(PhotoTooCostly() if _ERRNO[0] == ENOMEM else error)
    except VisionError as error:
        return _refusal(error)
    except Exception:  # noqa: BLE001 # a mistake of ours; the parent raises and logs it
        return {"traceback": traceback.format_exc()}, memoryview(b"")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    sides = {"full_size": (decoded.width, decoded.height), "shape": decoded.pixels.shape}
    return sides, decoded.pixels.data.cast("B")


def _decoded(data: bytes, limits: PhotoLimits, is_full: bool, idle_memory: int) -> Decoded:
    width, height = webp_size(data)
    _limit_cost(limits, width * height, len(data), idle_memory)
    image = open_photo(data, limits)
    _limit_cost(limits, image.width * image.height, len(data), idle_memory)
    return decode_image(image, data, None if is_full else limits)


def _limit_cost(limits: PhotoLimits, pixels: int, size: int, idle_memory: int) -> None:
    """Let the kernel kill this process when it takes more processor time from now on, and refuse it
    more memory.
    """
    if pixels > MANY_PIXELS and hasattr(_LIBC, "malloc_trim"):  # glibc's
        _LIBC.malloc_trim(0)
    signal.setitimer(signal.ITIMER_PROF, limits.seconds_for(pixels, size))
    if sys.platform == "linux":  # elsewhere the limit is not kept, or refused
        # Beyond what earlier photos left behind, which this one may be unable to use.
        needed = _address_space() + limits.memory_for(pixels, size)
        most = min(needed, idle_memory + limits.memory)
        _, hard = resource.getrlimit(resource.RLIMIT_AS)  # the operator's, which stays
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _refusal(error: VisionError) -> Outcome:
    return {
        "error": type(error).__name__,
        "template": error.template,
        "values": error.values,
    }, memoryview(b"")


def _serve(
    connection: socket.socket, requests: BinaryIO, window: mmap.mmap, outcome: Outcome
) -> None:
    """Send an answer; where there are more pixels than the window holds, once for each piece."""
    answer, pixels = outcome
    for start in range(0, max(1, len(pixels)), len(window)):
        if start:
            requests.readline()
        piece = pixels[start : start + len(window)]
        window[: len(piece)] = piece
        connection.sendall(json.dumps(answer).encode() + b"\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

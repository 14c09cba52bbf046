"""Decodes damaged photos one after another and keeps a journal of it on its standard output.

It is a process of its own, because what it looks for are crashes. Before each file it writes the
file's number, after it one line of JSON; so a crash names its file. A file that takes more than
``MOST_SECONDS`` of processor time ends the process with SIGPROF, even inside a codec.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
import time
import traceback
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from tests.fuzz.mutations import mutant
from webapp.vision.decode import PhotoLimits, decode
from webapp.vision.errors import NotAPhoto, PhotoTooLarge, UnreadablePhoto

MOST_SECONDS = 5.0
# A net below the test's own bound, lest one file takes the whole machine.
MOST_ADDRESSES = 8 << 30
LIMITS = PhotoLimits()
EXPECTED = (UnreadablePhoto, NotAPhoto, PhotoTooLarge)


def outcome_of(data: bytes) -> str:
    """What the decoder makes of bytes: "photo", the name of a typed error, or a traceback."""
    try:
        photo = decode(data, LIMITS)
        previewed = max(photo.preview.shape[:2])
        pixels = photo.pixels
    except EXPECTED as error:
        return type(error).__name__
    except Exception:  # noqa: BLE001 # whatever else comes out is what we look for
        return traceback.format_exc()
    sound = (
        pixels.dtype == np.uint8
        and pixels.shape == (photo.height, photo.width, 3)
        and pixels.flags.c_contiguous
        and photo.width * photo.height <= LIMITS.max_pixels
        and previewed >= min(LIMITS.preview_long_side, photo.width, photo.height)
        and max(photo.bounded(100).shape[:2]) <= 100
    )
    return "photo" if sound else f"A photo that breaks its promises: {pixels.shape}"


def measured(data: bytes, resting: int) -> dict[str, Any]:
    """The outcome, the seconds of processor time, and by how many bytes the process grew at most
    above what it had at rest.
    """
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    started = time.process_time()
    outcome = outcome_of(data)
    seconds = time.process_time() - started
    return {"outcome": outcome, "seconds": seconds, "bytes": max(0, resident("VmHWM") - resting)}


def measured_alone(file: Path) -> dict[str, Any]:
    """The same for one file, in a process that has decoded nothing large before."""
    data = file.read_bytes()
    outcome_of(mutant(1, 0).data)  # so that no library's loading counts
    return measured(data, resident("VmRSS"))


def main(seed: int, start: int, stop: int, step: int) -> None:
    """Decode every ``step``-th file of a corpus, from ``start`` up to ``stop``."""
    warnings.simplefilter("ignore")  # codecs warn of damage; the server's log is not our matter
    resource.setrlimit(resource.RLIMIT_AS, (MOST_ADDRESSES, MOST_ADDRESSES))
    mutant(seed, start)  # makes the seeds
    resting = resident("VmRSS")
    for number in range(start, stop, step):
        print(number, flush=True)
        data = mutant(seed, number).data
        signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
        result = measured(data, resting)
        signal.setitimer(signal.ITIMER_PROF, 0)
        print(json.dumps(result), flush=True)


def resident(field: str) -> int:
    """Bytes of memory that this process has now (VmRSS) or had at most (VmHWM); Linux tells."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    raise LookupError(field)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))

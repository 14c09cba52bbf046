"""Measures one subject in a process of its own: seconds for each photo, and its peak memory.

``python -m benchmarks.measure NAME REPEATS PHOTO...`` prints one JSON object.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.subjects import SUBJECTS, Subject


@dataclass(frozen=True)
class Measurement:
    """Median seconds a photo, faces found in it, and the process's peak memory in megabytes."""

    seconds: list[float]
    faces: list[int]
    peak_megabytes: float
    start_seconds: float


def in_own_process(name: str, photos: list[Path], repeats: int) -> Measurement:
    """Measure a subject in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.measure", name, str(repeats), *map(str, photos)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Measurement(**json.loads(done.stdout.splitlines()[-1]))


def measure(name: str, photos: list[Path], repeats: int) -> Measurement:
    """Measure a subject in this process; one uncounted call goes first for each photo."""
    started = time.perf_counter()
    run = SUBJECTS[name]()
    ready = time.perf_counter() - started
    seconds, faces = [], []
    for photo in photos:
        data = photo.read_bytes()
        faces.append(run(data))
        seconds.append(statistics.median(_timed(run, data) for _ in range(repeats)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measurement(seconds, faces, peak, ready)


def _timed(run: Subject, data: bytes) -> float:
    started = time.perf_counter()
    run(data)
    return time.perf_counter() - started


if __name__ == "__main__":
    _, subject, repetitions, *files = sys.argv
    result = measure(subject, [Path(file) for file in files], int(repetitions))
    print(json.dumps(asdict(result)))

"""Subjects in processes of their own, so that each has its own memory and they can take turns.

``python -m benchmarks.measure NAME`` reads paths of photos from its input and answers each with a
line of JSON.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from benchmarks.subjects import SUBJECTS


@dataclass(frozen=True)
class Measurement:
    """One call: its seconds, the faces found, and the process's peak memory so far in megabytes."""

    seconds: float
    faces: int
    peak_megabytes: float


def peak_megabytes(process: int | str) -> float:
    """The largest resident memory that a process has had; its id, or "self"."""
    # Not getrusage: its figure begins with that of the process which started this one.
    with Path(f"/proc/{process}/status").open() as file:
        line = next(line for line in file if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


class Runner:
    """A subject in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        if process.stdin is None or process.stdout is None:
            raise ValueError("the process must have been started with pipes")
        self._requests: IO[str] = process.stdin
        self._answers: IO[str] = process.stdout

    def measure(self, photo: Path) -> Measurement:
        """Call the subject once."""
        self._requests.write(f"{photo}\n")
        self._requests.flush()
        return Measurement(**json.loads(self._answers.readline()))


@contextmanager
def running(name: str) -> Iterator[Runner]:
    """Start a subject's process, and end it after use."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.measure", name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        yield Runner(process)
        process.communicate()


def in_a_process_of_its_own(module: str) -> str:
    """What a benchmark prints that measures the process it runs in."""
    command = [sys.executable, "-m", module]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.rstrip()


def answer(name: str) -> None:
    """Be the process of a subject: a path a line in, a measurement a line out."""
    run = SUBJECTS[name]()
    for line in sys.stdin:
        photo = Path(line.rstrip("\n"))
        started = time.perf_counter()
        faces = run(photo)
        seconds = time.perf_counter() - started
        result = Measurement(seconds, faces, peak_megabytes("self"))
        print(json.dumps(asdict(result)), flush=True)


if __name__ == "__main__":
    answer(sys.argv[1])

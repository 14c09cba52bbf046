"""Feed damaged photos to the decoder: ``python -m tests.fuzz.photos --files 200000 --seed 7``.

Several processes decode; each is watched by a thread here and started again behind a file that
killed it. Needs Linux, which tells how much memory a single file took.
"""

from __future__ import annotations

import argparse
import json
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tests.fuzz.mutations import mutant
from webapp.vision.decode import PhotoLimits

HANG_SECONDS = 60.0
"""A child that is silent for so long sleeps for ever; one that computes is ended earlier."""

FINE = ("photo", "UnreadablePhoto", "NotAPhoto", "UnsupportedPhoto", "PhotoTooLarge")


def most_memory(limits: PhotoLimits) -> int:
    """Bytes that decoding one photo may take: 18 a pixel and four times the file.

    The worst is WebP: two canvases of libwebp's, a copy and Pillow's picture, each of 4 bytes a
    pixel. ``test_largest`` has the other formats, which need about half of that.
    """
    return 18 * limits.max_pixels + 4 * limits.max_bytes


@dataclass(frozen=True)
class Decoded:
    """What became of one file: its outcome, seconds of processor time, bytes of memory."""

    number: int
    outcome: str
    seconds: float = 0.0
    bytes: int = 0


@dataclass(frozen=True)
class Report:
    """What became of a corpus."""

    seed: int
    files: list[Decoded] = field(default_factory=list)

    @property
    def outcomes(self) -> Counter[str]:
        return Counter(file.outcome for file in self.files)

    @property
    def findings(self) -> list[Decoded]:
        """The files that did not end as they should, or took too much memory."""
        most = most_memory(PhotoLimits())
        return [file for file in self.files if file.outcome not in FINE or file.bytes > most]

    @property
    def read(self) -> set[str]:
        """The valid files of which at least one damaged copy was still a photo."""
        photos = (file for file in self.files if file.outcome == "photo")
        return {mutant(self.seed, file.number).origin for file in photos}

    def told(self) -> str:
        """The figures, the slowest files and those that took the most memory."""
        lines = [f"{len(self.files)} files of seed {self.seed}: {dict(self.outcomes)}"]
        slowest = sorted(self.files, key=lambda file: -file.seconds)[:10]
        largest = sorted(self.files, key=lambda file: -file.bytes)[:10]
        lines += [f"  {self._named(file)}: {file.seconds:.2f} s" for file in slowest]
        lines += [f"  {self._named(file)}: {file.bytes / 1e6:.0f} MB" for file in largest]
        lines += [f"FOUND {self._named(file)}: {file.outcome}" for file in self.findings]
        return "\n".join(lines)

    def _named(self, file: Decoded) -> str:
        return f"number {file.number}, made from {mutant(self.seed, file.number).origin}"


def run(files: int, seed: int, processes: int = 2, child: str = "tests.fuzz.child") -> Report:
    """Decode the first ``files`` files of a corpus in several processes that run ``child``."""
    with ThreadPoolExecutor(processes) as pool:
        parts = pool.map(
            lambda first: list(_decoded(child, seed, range(first, files, processes))),
            range(processes),
        )
        return Report(seed, [file for part in parts for file in part])


def _decoded(child: str, seed: int, numbers: range) -> Iterator[Decoded]:
    """Those files; where the child dies of one, another goes on behind it."""
    while numbers:
        last = None
        arguments = (seed, numbers.start, numbers.stop, numbers.step)
        for file in _one_child([sys.executable, "-m", child, *map(str, arguments)]):
            yield file
            last = file
        if last is None:
            raise RuntimeError("The decoding process cannot be started.")
        numbers = range(last.number + numbers.step, numbers.stop, numbers.step)


def _one_child(command: list[str]) -> Iterator[Decoded]:
    """The files that one child gets through; the last may be the one that it died of."""
    with tempfile.TemporaryFile() as complaints:
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints, text=True)
        lines: queue.Queue[str] = queue.Queue()
        assert child.stdout is not None
        reader = threading.Thread(target=_read, args=(child.stdout, lines))
        reader.start()
        number = None
        try:
            while line := lines.get(timeout=HANG_SECONDS):
                if line.startswith("{"):
                    assert number is not None
                    yield Decoded(number, **json.loads(line))
                    number = None
                else:
                    number = int(line)
            how = _death(child.wait())
        except queue.Empty:
            child.kill()
            how = f"silent for {HANG_SECONDS:g} s"
        finally:
            child.kill()
            child.wait()
            reader.join()
        if number is not None:
            complaints.seek(0)
            words = complaints.read().decode(errors="replace")[-2000:]
            yield Decoded(number, f"{how} {words}".strip())


def _read(output: IO[str], lines: queue.Queue[str]) -> None:
    """Pass every line on, and an empty one at the end."""
    with output:
        for line in output:
            lines.put(line)
    lines.put("")


def _death(status: int) -> str:
    if status == -signal.SIGPROF:
        return "took too long"
    return f"died of {signal.Signals(-status).name}" if status < 0 else f"ended with {status}"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.photos", description=__doc__)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--save", type=Path, help="a folder for the files of what is found")
    options = parser.parse_args()
    report = run(options.files, options.seed, options.processes)
    print(report.told())
    for file in report.findings if options.save else ():
        options.save.mkdir(parents=True, exist_ok=True)
        data = mutant(options.seed, file.number).data
        (options.save / f"{options.seed}-{file.number}").write_bytes(data)
    sys.exit(bool(report.findings))


if __name__ == "__main__":
    main()

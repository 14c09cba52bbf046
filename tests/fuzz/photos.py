"""Feed damaged photos to decoders: ``python -m tests.fuzz.photos --files 200000 --seed 7``.

A photo, a typed error and a process that its limits ended are fine; any other death is found.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tests.fuzz.mutations import mutant
from webapp.vision.decode import PhotoLimits
from webapp.vision.decode.decoder_process import DecoderProcess
from webapp.vision.errors import PhotoTooCostly, PhotoTooLarge, UnreadablePhoto

LIMITS = PhotoLimits()
BY_LIMIT = ("running", "SIGPROF")
"""How a decoder ended that had no more memory, was not done at its deadline, or ran too long."""
FINE = ("photo", "costly", "UnreadablePhoto", "NotAPhoto", "UnsupportedPhoto", "PhotoTooLarge")


@dataclass(frozen=True)
class Decoded:
    """What became of one file, and after how many seconds."""

    number: int
    outcome: str
    seconds: float


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
        """The files that did not end as they should."""
        return [file for file in self.files if file.outcome not in FINE]

    @property
    def read(self) -> set[str]:
        """The valid files of which at least one damaged copy was still a photo."""
        photos = (file for file in self.files if file.outcome == "photo")
        return {mutant(self.seed, file.number).origin for file in photos}

    def told(self) -> str:
        """The figures, the slowest files and what was found."""
        lines = [f"{len(self.files)} files of seed {self.seed}: {dict(self.outcomes)}"]
        slowest = sorted(self.files, key=lambda file: -file.seconds)[:10]
        lines += [f"  {self._named(file)}: {file.seconds:.2f} s" for file in slowest]
        lines += [f"FOUND {self._named(file)}: {file.outcome}" for file in self.findings]
        return "\n".join(lines)

    def _named(self, file: Decoded) -> str:
        return f"number {file.number}, made from {mutant(self.seed, file.number).origin}"


class Watched:
    """A decoder process, and another one when it has ended."""

    def __init__(self) -> None:
        self.decoder = DecoderProcess()

    def outcome_of(self, data: bytes) -> str:
        """What the decoder makes of bytes: "photo", the name of an error, or how it ended."""
        if not data:
            return "UnreadablePhoto"
        try:
            pixels, width, height = self.decoder.decode(data, LIMITS, is_full=False)
            if pixels.shape[:2] != (height, width):
                pixels, width, height = self.decoder.decode(data, LIMITS, is_full=True)
        except (UnreadablePhoto, PhotoTooLarge) as error:
            return type(error).__name__
        except PhotoTooCostly:
            ended = self.decoder.close()
            self.decoder = DecoderProcess()
            return "costly" if ended in BY_LIMIT else f"died of {ended}"
        except RuntimeError as error:
            return str(error)
        sound = pixels.dtype == np.uint8 and pixels.shape == (height, width, 3)
        return "photo" if sound else f"A photo that breaks its promises: {pixels.shape}"


def run(files: int, seed: int, processes: int = 2) -> Report:
    """Decode the first ``files`` files of a corpus in several processes."""
    with ThreadPoolExecutor(processes) as pool:
        parts = pool.map(
            lambda first: list(_decoded(seed, range(first, files, processes))), range(processes)
        )
        return Report(seed, [file for part in parts for file in part])


def _decoded(seed: int, numbers: range) -> Iterator[Decoded]:
    watched = Watched()
    for number in numbers:
        data = mutant(seed, number).data
        started = time.monotonic()
        outcome = watched.outcome_of(data)
        yield Decoded(number, outcome, time.monotonic() - started)
    watched.decoder.close()


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

"""``make load``: clients of all kinds against a server for minutes, and what that does to it.

``python -m benchmarks.load [--seconds 300] [--clients 8] [FOLDER]`` starts ``agelens serve`` on a
free port of this machine with photos made from public-domain samples, or with a folder's. It prints
a table and ends with status 1 where there was a 5xx other than 503, a broken connection or a wrong
answer. It stops by itself.
"""

import argparse
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from benchmarks.photos import FACES, SIZES, jpeg
from benchmarks.serving import server
from benchmarks.visits import Visit, Visitor
from tests.scale.photos import Sample, sample
from webapp.assembly import build_registry
from webapp.settings import Settings

WARM_UP_SHARE = 0.2
SAMPLE_SECONDS = 1.0
BUSY_PAUSE_SECONDS = 1.0


class MemoryLog(threading.Thread):
    """Reads a process's resident memory once a second."""

    def __init__(self, process: int) -> None:
        super().__init__(name="memory", daemon=True)
        self._process = process
        self._ended = threading.Event()
        self.minutes: list[float] = []
        self.megabytes: list[float] = []

    def run(self) -> None:
        started = time.monotonic()
        while not self._ended.wait(SAMPLE_SECONDS):
            self.minutes.append((time.monotonic() - started) / 60)
            self.megabytes.append(resident_megabytes(self._process))

    def end(self) -> None:
        self._ended.set()
        self.join()

    def steady(self) -> tuple[list[float], list[float]]:
        """Minutes and megabytes without the warm-up."""
        skipped = int(WARM_UP_SHARE * len(self.minutes))
        return self.minutes[skipped:], self.megabytes[skipped:]


def resident_megabytes(process: int) -> float:
    """The memory that a process holds now."""
    text = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    line = next(line for line in text.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


@contextmanager
def memory_of(process: int) -> Iterator[MemoryLog]:
    """Log a process's memory meanwhile."""
    log = MemoryLog(process)
    log.start()
    try:
        yield log
    finally:
        log.end()


def photos(folder: Path | None, settings: Settings) -> list[Sample]:
    """What clients send, each with what the pipeline says of it."""
    if folder is None:
        files = [
            (f"{size}, {faces} faces.jpg", jpeg(*SIZES[size], faces))
            for size in SIZES
            for faces in FACES
        ]
    else:
        files = [(path.name, path.read_bytes()) for path in sorted(folder.iterdir())]
    analyzer = build_registry(settings).analyzer()
    found = [sample(name, data, analyzer, settings) for name, data in files]
    return [one for one in found if "error" not in one.expected]


def run(address: str, samples: Sequence[Sample], clients: int, seconds: float) -> list[Visit]:
    """All visits of so many clients, each beginning its next when the last is over."""
    deadline = time.monotonic() + seconds

    def work(number: int) -> list[Visit]:
        visitor, visits = Visitor(address, samples, seed=number), []
        while time.monotonic() < deadline:
            visits.append(visitor.visit())
            if not visits[-1].answered:
                time.sleep(BUSY_PAUSE_SECONDS)
        return visits

    with ThreadPoolExecutor(clients) as pool:
        return [visit for visits in pool.map(work, range(clients)) for visit in visits]


def visits_table(visits: Sequence[Visit], seconds: float) -> str:
    """Each kind of visit: how many, how fast, and what the answers were."""
    lines = [
        f"{'visit':14}{'count':>7}{'a second':>10}{'median':>9}{'p95':>8}{'p99':>8}   statuses"
    ]
    for kind in sorted({visit.kind for visit in visits}):
        mine = [visit for visit in visits if visit.kind == kind]
        times = [visit.seconds for visit in mine if visit.answered] or [0.0]
        median, p95, p99 = np.percentile(times, (50, 95, 99))
        statuses = Counter(status for visit in mine for status in visit.statuses)
        words = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
        lines.append(
            f"{kind:14}{len(mine):>7}{len(mine) / seconds:>10.2f}"
            f"{median:>8.2f}s{p95:>7.2f}s{p99:>7.2f}s   {words}"
        )
    return "\n".join(lines)


def classes_line(visits: Sequence[Visit]) -> str:
    """All answers by class."""
    classes = Counter(
        "broken connection" if status == 0 else "503" if status == 503 else f"{status // 100}xx"
        for visit in visits
        for status in visit.statuses
    )
    return ", ".join(f"{name}: {count}" for name, count in sorted(classes.items()))


def memory_lines(log: MemoryLog) -> str:
    """Resident memory after the warm-up, and the straight line through it."""
    minutes, megabytes = log.steady()
    tenth = max(1, len(megabytes) // 10)
    middle = len(megabytes) // 2
    slope = np.polyfit(minutes, megabytes, 1)[0] if len(minutes) > 2 else 0.0
    return (
        f"worker's memory after warm-up: {np.mean(megabytes[:tenth]):.0f} MB at the start, "
        f"{np.mean(megabytes[middle : middle + tenth]):.0f} in the middle, "
        f"{np.mean(megabytes[-tenth:]):.0f} at the end, {max(megabytes):.0f} at most\n"
        f"  slope: {slope:+.1f} MB a minute"
    )


def failures(visits: Sequence[Visit]) -> list[str]:
    """Whatever must not happen."""
    wrong = Counter(f"{visit.kind}: {visit.wrong}" for visit in visits if visit.wrong)
    broken = Counter(
        f"{visit.kind}: status {status}"
        for visit in visits
        for status in visit.statuses
        if status == 0 or (status >= 500 and status != 503)
    )
    return [f"{count} × {what}" for what, count in (wrong + broken).items()]


def main() -> int:
    parser = argparse.ArgumentParser(description="Clients of all kinds for some minutes.")
    parser.add_argument("folder", type=Path, nargs="?", help="photos to send instead of samples")
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--clients", type=int, default=8)
    arguments = parser.parse_args()
    samples = photos(arguments.folder, Settings())
    with server() as (port, _, worker), memory_of(worker) as log:
        started = time.monotonic()
        address = f"http://127.0.0.1:{port}"
        visits = run(address, samples, arguments.clients, arguments.seconds)
        seconds = time.monotonic() - started
    analysed = sum(
        visit.answered for visit in visits if visit.kind not in ("bad file", "slow reader")
    )
    print(
        f"{arguments.clients} clients for {seconds:.0f} s: {analysed / seconds:.2f} photos a second"
    )
    print(visits_table(visits, seconds), classes_line(visits), memory_lines(log), sep="\n")
    wrong = failures(visits)
    print(*(f"WRONG: {what}" for what in wrong), sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())

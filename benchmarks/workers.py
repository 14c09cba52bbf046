"""What a second worker gains: one worker held to one core against two on two cores.

``python -m benchmarks.workers [--photos 60] [--rounds 3]`` needs redis-server and two cores. The
networks are loaded before the clock starts. The exit status is 1 below 1.8 times.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.photos import jpeg
from tests.scale.cluster import redis_server, worker
from tests.scale.programs import Program, free_port
from webapp.albums.consumer import album_store
from webapp.albums.queue import AlbumQueue
from webapp.albums.repository import AlbumRepository
from webapp.results.schema import Choices
from webapp.results.store.result_store import NOBODY
from webapp.results.upload import Upload
from webapp.settings import Settings

LEAST_RATIO = 1.8
WARM_UP_PHOTOS = 4
PATIENCE_SECONDS = 600.0


@dataclass(frozen=True)
class Rate:
    """What workers did: photos a second, and processor seconds a photo.

    On a machine that others use, trust the latter: where it is the same for one and for two, two do
    twice as much on free cores.
    """

    photos_per_second: float
    processor_seconds: float


def rate(cores: Sequence[int], photo: bytes, count: int) -> Rate:
    """The rate of as many workers as there are cores, each held to its own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port = free_port()
        shared = {
            "AGELENS_DATA_DIR": str(folder / "data"),
            "AGELENS_QUEUE": f"redis://127.0.0.1:{port}/0",
        }
        workers = [worker(folder, core, {**os.environ, **shared}) for core in cores]
        for core, one in zip(cores, workers, strict=True):
            one.command = ["taskset", "--cpu-list", str(core), *one.command]
        for program in (redis_server(folder, port), *workers):
            stack.callback(program.stop)
            program.start()
        settings = Settings.from_environment(shared)
        for _ in cores:  # until each has had a photo, and so its networks
            _seconds(settings, photo, WARM_UP_PHOTOS * len(cores))
        before = sum(_processor_seconds(one) for one in workers)
        seconds = _seconds(settings, photo, count)
        busy = sum(_processor_seconds(one) for one in workers) - before
        return Rate(count / seconds, busy / count)


def _processor_seconds(one: Program) -> float:
    """What the processes of a worker have used so far; see proc_pid_stat(5)."""
    stats = (Path(f"/proc/{pid}/stat").read_text() for pid in one.children())
    ticks = (stat.rpartition(")")[2].split()[11:13] for stat in stats)
    return sum(int(part) for pair in ticks for part in pair) / os.sysconf("SC_CLK_TCK")


def _seconds(settings: Settings, photo: bytes, count: int) -> float:
    """How long the workers take for an album, from its first task to its last answer."""
    store = album_store(settings)
    uploads = (Upload(f"{number}.jpg", photo) for number in range(count))
    album_id = AlbumRepository(store).create(uploads, Choices(), NOBODY)
    stored, queue = store.open_unchecked(album_id), AlbumQueue(settings)
    started = time.monotonic()
    queue.put((album_id, number) for number in range(1, count + 1))
    while sum(name.endswith(".outcome") for name in stored.ages()) < count:
        if time.monotonic() - started > PATIENCE_SECONDS:
            raise TimeoutError("the workers did not finish")
        time.sleep(0.02)
    return time.monotonic() - started


def main() -> int:
    parser = argparse.ArgumentParser(description="What a second worker gains.")
    parser.add_argument("--photos", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))[:2]
    if len(cores) < 2:
        print("This needs two cores.", file=sys.stderr)
        return 1
    photo = jpeg(1920, 1366, 4)
    ratios = []
    print("one worker    two workers    ratio    processor time a photo")
    for _ in range(arguments.rounds):
        one = rate(cores[:1], photo, arguments.photos)
        two = rate(cores, photo, arguments.photos)
        ratios.append(two.photos_per_second / one.photos_per_second)
        print(
            f"{one.photos_per_second:6.2f}/s      {two.photos_per_second:6.2f}/s       "
            f"{ratios[-1]:.2f}     {one.processor_seconds:.3f} s, {two.processor_seconds:.3f} s",
            flush=True,
        )
    ratio = statistics.median(ratios)
    print(f"median ratio: {ratio:.2f}; at least {LEAST_RATIO} is wanted")
    return 0 if ratio >= LEAST_RATIO else 1


if __name__ == "__main__":
    raise SystemExit(main())

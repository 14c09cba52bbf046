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
from pathlib import Path

from benchmarks.photos import jpeg
from tests.scale.cluster import redis_server, worker
from tests.scale.programs import free_port
from webapp.albums.consumer import album_store
from webapp.albums.queue import AlbumQueue
from webapp.albums.shelf import Shelf
from webapp.settings import Settings
from webapp.web.record import Choices
from webapp.web.uploads import Upload

LEAST_RATIO = 1.8
WARM_UP_PHOTOS = 4
PATIENCE_SECONDS = 600.0


def rate(cores: Sequence[int], photo: bytes, count: int) -> float:
    """Photos a second of as many workers as there are cores, each held to its own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port = free_port()
        shared = {
            "AGELENS_DATA_DIR": str(folder / "data"),
            "AGELENS_QUEUE": f"redis://127.0.0.1:{port}/0",
        }
        programs = [redis_server(folder, port)]
        for core in cores:
            one = worker(folder, core, {**os.environ, **shared})
            one.command = ["taskset", "--cpu-list", str(core), *one.command]
            programs.append(one)
        for program in programs:
            stack.callback(program.stop)
            program.start()
        settings = Settings.from_environment(shared)
        for _ in cores:  # until each has had a photo, and so its networks
            _seconds(settings, photo, WARM_UP_PHOTOS * len(cores))
        return count / _seconds(settings, photo, count)


def _seconds(settings: Settings, photo: bytes, count: int) -> float:
    """How long the workers take for an album, from its first task to its last answer."""
    store = album_store(settings)
    uploads = (Upload(f"{number}.jpg", photo) for number in range(count))
    album_id = Shelf(store).create(uploads, Choices())
    stored, queue = store.open(album_id), AlbumQueue(settings)
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
    print("one worker    two workers    ratio")
    for _ in range(arguments.rounds):
        one = rate(cores[:1], photo, arguments.photos)
        two = rate(cores, photo, arguments.photos)
        ratios.append(two / one)
        print(f"{one:6.2f}/s      {two:6.2f}/s       {two / one:.2f}", flush=True)
    ratio = statistics.median(ratios)
    print(f"median ratio: {ratio:.2f}; at least {LEAST_RATIO} is wanted")
    return 0 if ratio >= LEAST_RATIO else 1


if __name__ == "__main__":
    raise SystemExit(main())

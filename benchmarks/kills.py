"""An album of 200 photos whose worker is killed every ten seconds.

``python -m benchmarks.kills [--photos 200] [--every 10]`` starts ``agelens serve`` as anybody
would, sends the album over HTTP, ends the process that analyses it with kill -9 again and again,
and prints what came of it. The exit status is 1 where a photo is missing, wrong or stored twice.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.photos import jpeg
from tests.scale.photos import Sample, sample, without_timings
from tests.scale.programs import Program, answers, free_port
from tests.scale.visitors import Api
from webapp.albums.album import MOST_ATTEMPTS
from webapp.albums.consumer import album_store
from webapp.assembly import build_registry
from webapp.settings import Settings

FACES = (1, 4, 8, 12, 16, 20)
POLL_SECONDS = 0.25
PATIENCE_SECONDS = 1800.0


@dataclass(frozen=True)
class Outcome:
    """What became of the album: its JSON, the names of its files, and what it took."""

    album: dict[str, Any]
    files: Sequence[str]
    # Outcomes that were seen on the way and were another one at the end.
    changed: int
    kills: int
    seconds: float


def photos(count: int, settings: Settings) -> list[Sample]:
    """So many photos of 12 megapixels; a handful of different ones under different names."""
    analyzer = build_registry(settings).analyzer()
    different = [sample("photo", jpeg(4000, 3000, n), analyzer, settings) for n in FACES]
    return [different[n % len(FACES)].named(f"{n + 1:03}.jpg") for n in range(count)]


def killed(sent: Sequence[Sample], every: float) -> Outcome:
    """Run the album on a server of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        address = f"http://127.0.0.1:{port}"
        environment = {**os.environ, "AGELENS_DATA_DIR": str(folder / "data")}
        command = [sys.executable, "-m", "webapp", "serve", "--port", str(port)]
        ready = answers(f"{address}/readyz")
        server = Program("agelens", command, folder / "server.log", environment, ready)
        try:
            server.start()
            api = Api(address)
            path = api.send_album([(photo.name, photo.data) for photo in sent])
            album, early, kills, seconds = _followed(server, api, path, every)
            store = album_store(Settings(data_dir=folder / "data"))
            files = list(store.open_unchecked(path.rpartition("/")[2]).ages())
        finally:
            server.stop()
    changed = sum(photo not in album["photos"] for photo in early.values())
    return Outcome(album, files, changed, kills, seconds)


def _followed(
    server: Program, api: Api, path: str, every: float
) -> tuple[dict[str, Any], dict[str, Any], int, float]:
    """Kill and look until all is done: the album, each photo's first outcome, kills, seconds."""
    early: dict[str, Any] = {}
    started = time.monotonic()
    next_kill, kills = started + every, 0
    while (now := time.monotonic()) < started + PATIENCE_SECONDS:
        album = api.album(path)
        done = [photo for photo in album["photos"] if photo.get("status") != "waiting"]
        early |= {photo["photo"]: photo for photo in done if photo["photo"] not in early}
        if album["done"] == album["total"]:
            break
        if now > next_kill and _kill_consumer(server):
            next_kill, kills = now + every, kills + 1
        time.sleep(POLL_SECONDS)
    return album, early, kills, time.monotonic() - started


def _kill_consumer(server: Program) -> bool:
    """Kill -9 the process that analyses albums; whether there was one just now."""
    for process in server.children():
        with suppress(FileNotFoundError, ProcessLookupError):
            if b"consume" in Path(f"/proc/{process}/cmdline").read_bytes():
                os.kill(process, signal.SIGKILL)
                return True
    return False


def report(sent: Sequence[Sample], outcome: Outcome) -> tuple[str, bool]:
    """The figures, and whether every photo has one outcome: the right one, or that each of its
    attempts was killed, which on a slow machine happens.
    """
    found = outcome.album["photos"]
    stored = sum(name.endswith(".outcome") for name in outcome.files)
    tries = Counter(name.partition(".")[0] for name in outcome.files if ".attempt-" in name)
    again = sum(made > 1 for made in tries.values())
    lost = [n for n, p in enumerate(found, 1) if p.get("error", {}).get("code") == "worker_lost"]
    given_up = sum(tries[f"{number:04}"] == MOST_ATTEMPTS for number in lost)
    right = sum(
        without_timings(photo) == one.expected for photo, one in zip(found, sent, strict=False)
    )
    lines = (
        f"photos sent               {len(sent)}",
        f"kills                     {outcome.kills} in {outcome.seconds:.0f} s",
        f"photos with a result      {outcome.album['done']}",
        f"  right                   {right}",
        f"  given up                {given_up}, each after {MOST_ATTEMPTS} kills",
        f"outcomes stored           {stored}",
        f"stored a second time      {outcome.changed}",
        f"taken up a second time    {again}",
    )
    well = len(found) == stored == right + given_up == len(sent) and not outcome.changed
    return "\n".join(lines), well


def main() -> int:
    parser = argparse.ArgumentParser(description="An album whose worker is killed again and again.")
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--every", type=float, default=10.0, help="seconds between two kills")
    arguments = parser.parse_args()
    sent = photos(arguments.photos, Settings())
    text, well = report(sent, killed(sent, arguments.every))
    print(text)
    return 0 if well else 1


if __name__ == "__main__":
    raise SystemExit(main())

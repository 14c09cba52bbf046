"""``agelens doctor``: checks an installation, and says what to do about what is wrong."""

import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click

from webapp.albums.consumer import album_store
from webapp.albums.queue import AlbumQueue
from webapp.assembly import build_registry
from webapp.commands.listening import bind_address
from webapp.errors import AgelensError
from webapp.installation.install import needed_files
from webapp.results.store.result_store import NOBODY, ResultStore
from webapp.settings import InvalidSetting, Settings

SERVING_BYTES = 1_200_000_000
"""Memory of two workers with the default networks, without photos (docs/speed.md)."""
MOST_SKEW_SECONDS = 5.0
PORT = 8000
_FOLDERS = ("results", "albums")

Check = Callable[[Settings], str]
"""Describes in a few words what is right. Raises CheckFailed."""


class CheckFailed(AgelensError):
    """Something is wrong; the message says what, and what to do about it."""


@click.command()
def doctor() -> None:
    """Check this installation: weights, memory, store, queue, clock, port, permissions.

    Each problem comes with what to do about it; the exit status is then 1.
    """
    try:
        settings = Settings.from_environment()
    except InvalidSetting as error:
        raise click.ClickException(str(error)) from error
    problems = 0
    for name, is_right, words in findings(settings):
        problems += not is_right
        click.echo(f"{'ok   ' if is_right else 'WRONG'}  {name:<12} {words}")
    if problems:
        raise SystemExit(1)


def findings(settings: Settings) -> Iterator[tuple[str, bool, str]]:
    """For each check: its name, whether it passed, and a description."""
    for name, check in CHECKS.items():
        try:
            yield name, True, check(settings)
        except (AgelensError, InvalidSetting) as error:
            yield name, False, str(error)
        except click.ClickException as error:
            yield name, False, error.message


def _weights(settings: Settings) -> str:
    registry = build_registry(settings)
    registry.check()
    usable = [name for name in registry.cards if registry.missing(name) is None]
    damaged = [
        f"{name}: {needed.file.path}"
        for name in usable
        for needed in needed_files(name, registry)
        if needed.path is not None and not needed.is_right
    ]
    if damaged:
        raise CheckFailed(
            f"These files are not those of their cards: {', '.join(damaged)}. "
            "Install them again with `agelens models install NAME`."
        )
    return f"{', '.join(usable)}"


def _threads(settings: Settings) -> str:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if settings.inference_slots > 2 * (cores or 1):
        raise CheckFailed(
            f"AGELENS_INFERENCE_SLOTS is {settings.inference_slots} on {cores} cores, so every "
            f"photo waits for others; set it to {cores} or less."
        )
    return f"{cores} cores, {settings.inference_slots} analyses at once per worker"


def _memory(settings: Settings) -> str:
    available = _available_bytes()
    if available is None:
        return "unknown on this system"
    needed = SERVING_BYTES + settings.decode_memory
    if available < needed:
        raise CheckFailed(
            f"{available / 1e9:.1f} GB are free and {needed / 1e9:.1f} GB may be needed; give the "
            "machine more, serve with `--workers 1`, or lower AGELENS_DECODE_MEMORY."
        )
    return f"{available / 1e9:.1f} GB free"


def _store(settings: Settings) -> str:
    stores = {
        "results": ResultStore(settings.store_address("results"), settings.keep),
        "albums": album_store(settings),
    }
    for store in stores.values():
        result_id = store.create({"probe": b"agelens doctor"}, NOBODY)
        store.open(result_id, NOBODY).read("probe")
        store.delete(result_id, NOBODY)
    return f"{settings.store or settings.data_dir} can be written, read and emptied"


def _queue(settings: Settings) -> str:
    queue = AlbumQueue(settings)
    if not queue.is_reachable():
        raise CheckFailed(
            "The queue cannot be reached; check AGELENS_QUEUE and whether Redis runs."
        )
    waiting = queue.length()
    if waiting >= settings.queue_photos:
        raise CheckFailed(f"{waiting} photos wait, which is the most allowed; is a worker running?")
    return f"{waiting} photos wait"


def _clock(settings: Settings) -> str:
    """The store's clock and this machine's must agree: results expire by both."""
    store = ResultStore(settings.store_address("results"), settings.keep)
    result_id = store.create({"probe": b"-"}, NOBODY)
    try:
        skew = store.open_unchecked(result_id).created.timestamp() - time.time()
    finally:
        store.delete(result_id, NOBODY)
    if abs(skew) > MOST_SKEW_SECONDS:
        raise CheckFailed(
            f"The store's clock is {skew:+.0f} s off this machine's; set both by NTP, "
            "or results expire at the wrong time."
        )
    return "agrees with the store's"


def _port(_: Settings) -> str:
    return f"{bind_address('127.0.0.1', PORT)} is free"


def _permissions(settings: Settings) -> str:
    private = [settings.data_dir / name for name in ("secret_key", *_FOLDERS)]
    if settings.users is not None:
        private.append(settings.users)
    for path in private:
        if path.exists():
            _refuse_readable(path)
    if settings.users is not None and not settings.users.exists():
        raise CheckFailed(f"{settings.users} does not exist; `agelens user add NAME` makes it.")
    return "nobody else can read the data, keys and users"


def _refuse_readable(path: Path) -> None:
    if path.stat().st_mode & (stat.S_IRWXO | stat.S_IRWXG):
        raise CheckFailed(f"Others can open {path}: run `chmod go-rwx {path}`.")


def _available_bytes() -> int | None:
    """Free memory of this machine or of the control group that it runs in, whichever is less."""
    known = []
    meminfo = Path("/proc/meminfo")
    if meminfo.exists():
        lines = (line.split() for line in meminfo.read_text(encoding="ascii").splitlines())
        known += [1024 * int(line[1]) for line in lines if line[0] == "MemAvailable:"]
    limit = Path("/sys/fs/cgroup/memory.max")
    if limit.exists() and (text := limit.read_text(encoding="ascii").strip()).isdecimal():
        used = Path("/sys/fs/cgroup/memory.current").read_text(encoding="ascii")
        known.append(int(text) - int(used))
    return min(known, default=None)


CHECKS: Mapping[str, Check] = {
    "weights": _weights,
    "threads": _threads,
    "memory": _memory,
    "store": _store,
    "queue": _queue,
    "clock": _clock,
    "port": _port,
    "permissions": _permissions,
}
"""Every check by name, in the order in which they are made."""

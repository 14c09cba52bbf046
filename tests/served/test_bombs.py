"""Photos made to cost a machine: refused everywhere, while other visitors are answered."""

import os
import resource
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bombs import DIRECTORIES, OTHERS
from tests.samples import encoded, grace_hopper
from tests.served.conftest import Start
from tests.servers import PATIENCE, Running

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc"),
]

BOMBS = {**DIRECTORIES, **OTHERS}
MOST_RESIDENT = 900_000_000
MOST_ADDRESSES = 4 << 30
"""A net for the machine that tests: what is not bounded gets no further than this."""
GOOD_PHOTOS = 20


def descendants(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        children.setdefault(int(fields[1]), []).append(int(status.parent.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def resident(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def watched(server: Running) -> Iterator[list[int]]:
    """The most that any process of a server held at a time, seen every 20 ms; the last item."""
    most, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            most.append(max([most[-1], *map(resident, descendants(server.process.pid))]))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield most
    finally:
        done.set()
        watcher.join()


def test_bombs_are_refused_everywhere_while_good_photos_are_answered(serve: Start) -> None:
    server = serve()
    for pid in descendants(server.process.pid):
        resource.prlimit(pid, resource.RLIMIT_AS, (MOST_ADDRESSES, MOST_ADDRESSES))
    bombs = [make() for make in BOMBS.values()]
    good = encoded(grace_hopper())
    with watched(server) as most, ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(server.post, "/api/v1/analyses", good) for _ in range(GOOD_PHOTOS)]
        for bomb in bombs:
            answer = server.post("/api/v1/analyses", bomb)
            assert (answer.status, answer.json["error"]["code"]) == (422, "photo_too_costly")
            page = server.post_form("/analyses", bomb)
            assert page.status == 422
            assert b"needs too much memory or time" in page.body
        album = server.post_many("/api/v1/albums", [*bombs, good])
        end = time.monotonic() + 2 * PATIENCE
        while (now := server.get(album.headers["Location"]).json)["done"] <= len(bombs):
            assert time.monotonic() < end
            time.sleep(0.2)
        *failed, done = now["photos"]
        assert {photo["error"]["code"] for photo in failed} == {"photo_too_costly"}
        assert len(done["faces"]) == 2
        assert [answer.result().status for answer in answers] == [200] * GOOD_PHOTOS
    assert most[-1] < MOST_RESIDENT
    assert server.stop() == 0

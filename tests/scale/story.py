"""An album of 60 photos through nginx, with a worker, a web machine and Redis killed meanwhile."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.scale.cluster import Cluster, Store, cluster
from tests.scale.photos import Sample, without_timings
from tests.scale.visitors import Api, Onlooker
from webapp.albums.consumer import album_store

PHOTOS = 60


@dataclass
class Seen:
    """What happened when, and what is wrong with it (nothing, if all is well)."""

    events: list[tuple[float, str]] = field(default_factory=list)
    figures: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    def note(self, event: str) -> None:
        self.events.append((time.monotonic() - self.started, event))

    def demand(self, kept: bool, promise: str) -> None:
        """Remember a promise that was not kept."""
        if not kept:
            self.wrong.append(promise)

    def __str__(self) -> str:
        lines = [f"{seconds:6.1f} s  {event}" for seconds, event in self.events]
        lines += [f"{name:44}{value}" for name, value in self.figures.items()]
        lines += [f"WRONG: {promise}" for promise in self.wrong] or ["All promises were kept."]
        return "\n".join(lines)


def run_story(store: Store, samples: Sequence[Sample]) -> Seen:
    """Run the whole story on a cluster of its own."""
    seen = Seen()
    with cluster(store) as servers, watched(servers, seen):
        seen.note("nginx, two web machines, two workers and Redis are running")
        api = Api(servers.address)
        path = api.send_album([(sample.name, sample.data) for sample in samples])
        seen.note(f"an album of {len(samples)} photos was taken in")
        first_sight: dict[str, Any] = {}
        for done, event in _disasters(servers, api, samples, seen):
            album = api.follow(path, lambda album, done=done: album["done"] >= done)  # type: ignore[misc]
            first_sight |= {p["photo"]: p for p in outcomes(album) if p["photo"] not in first_sight}
            seen.note(f"{album['done']:2} done: {event}")
        album = api.follow(path, lambda album: album["done"] == album["total"])
        seen.note("all photos are done")
        _judge_album(album, first_sight, samples, seen)
        _judge_store(servers, path, len(samples), seen)
        api.delete(path)
        left = album_store(servers.settings).ids()
        seen.demand(left == [], f"deleting removes everything, but {left} are left")
    return seen


def _disasters(
    servers: Cluster, api: Api, samples: Sequence[Sample], seen: Seen
) -> Iterator[tuple[int, str]]:
    """Yields how many photos must be done and what happens then; after each, does it."""
    step = len(samples) // 8
    (one, other), (web, _) = servers.workers, servers.webs
    yield step, "kill -9 of a worker with its supervisor"
    one.kill()
    yield 2 * step, "kill -9 of a web machine"
    web.kill()
    for sample in samples[:4]:
        answer = api.analyze((sample.name, sample.data))
        right = answer.ok and without_timings(answer.json()) == sample.expected
        seen.demand(right, f"one web machine serves alone, but answered {answer.status_code}")
    yield 3 * step, "kill -9 of Redis; it is back, empty, after an album was sent without it"
    servers.redis.kill()
    small = api.send_album([(sample.name, sample.data) for sample in samples[:2]])
    servers.redis.start()
    yield 4 * step, "the first worker starts again, kill -9 of the other one's process"
    one.start()
    other.kill_child()
    yield 5 * step, "the web machine starts again"
    web.start()
    album = api.follow(small, lambda album: album["done"] == album["total"])
    same = [without_timings(photo) for photo in album["photos"]] == [
        sample.expected for sample in samples[:2]
    ]
    seen.demand(same, "an album sent while Redis was away is analysed, too")
    api.delete(small)


@contextmanager
def watched(servers: Cluster, seen: Seen) -> Iterator[None]:
    """Somebody opens the first page all the time, and must not notice anything."""
    onlooker = Onlooker(f"{servers.address}/")
    onlooker.start()
    try:
        yield
    finally:
        onlooker.end()
    seen.figures["pages opened meanwhile, by status"] = _in_words(onlooker.statuses)
    seen.figures["longest wait for a page"] = f"{onlooker.longest_seconds:.2f} s"
    seen.demand(set(onlooker.statuses) == {200}, "every page opened meanwhile came")


def outcomes(album: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The photos of an album's JSON that are done."""
    return [photo for photo in album["photos"] if photo.get("status") != "waiting"]


def _judge_album(
    album: Mapping[str, Any], first_sight: Mapping[str, Any], samples: Sequence[Sample], seen: Seen
) -> None:
    photos = album["photos"]
    right = sum(
        without_timings(photo) == sample.expected
        for photo, sample in zip(photos, samples, strict=False)
    )
    # Timings differ from one analysis to the next: who analysed a photo anew would change them.
    unchanged = sum(photo in photos for photo in first_sight.values())
    seen.figures["photos with an outcome"] = f"{len(outcomes(album))} of {len(samples)}"
    seen.figures["equal to the pipeline's own answer"] = str(right)
    seen.figures["early outcomes still the same at the end"] = f"{unchanged} of {len(first_sight)}"
    seen.demand(len(photos) == len(outcomes(album)) == len(samples), "no photo is lost or doubled")
    seen.demand(right == len(samples), "every photo has the answer that the pipeline gives")
    seen.demand(unchanged == len(first_sight), "an outcome that was seen never changes")


def _judge_store(servers: Cluster, path: str, count: int, seen: Seen) -> None:
    files = album_store(servers.settings).open_unchecked(path.rpartition("/")[2]).ages()
    stored = sum(name.endswith(".outcome") for name in files)
    attempts = Counter(name.partition(".")[0] for name in files if ".attempt-" in name)
    again = sum(made > 1 for made in attempts.values())
    seen.figures["outcomes in the store"] = str(stored)
    seen.figures["photos taken up a second time"] = str(again)
    seen.demand(stored == count, "the store holds one outcome for each photo")


def _in_words(statuses: Counter[int | str]) -> str:
    return ", ".join(f"{status}: {count}" for status, count in statuses.items())

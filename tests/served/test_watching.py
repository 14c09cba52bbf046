"""Logs and metrics of all processes together."""

import json
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.samples import encoded, grace_hopper
from tests.served.conftest import Start
from tests.servers import Running
from tests.waiting import eventually
from tests.web.test_metrics import values

PORTRAIT = encoded(grace_hopper())


def lines(server: Running) -> list[dict[str, Any]]:
    return [json.loads(line) for line in server.log.splitlines()]


def metrics(server: Running) -> dict[str, float]:
    return values(server.get("/metrics").body.decode())


def wait_for_album(server: Running, path: str) -> None:
    eventually(lambda: server.get(path).json["done"] == 2, pause=0.1)


def test_every_process_logs_json_and_gives_nothing_away(serve: Start) -> None:
    server = serve("--workers", "2", AGELENS_LOG="json")
    server.post("/api/v1/analyses", PORTRAIT)
    album = server.post_many("/api/v1/albums", [PORTRAIT, b"no photo"])
    wait_for_album(server, album.headers["Location"])
    server.stop()
    told = lines(server)
    assert {"agelens.request", "gunicorn.error", "webapp.albums.worker"} <= {
        line["logger"] for line in told
    }
    [analysis] = [line for line in told if line.get("route") == "/api/v1/analyses"]
    assert (analysis["faces"], analysis["status"]) == (2, 200)
    photos = [line for line in told if line["event"] == "album photo"]
    assert sorted(photo["outcome"] for photo in photos) == ["done", "failed"]
    assert all(("detect_ms" in photo) is (photo["outcome"] == "done") for photo in photos)
    for secret in ("secret-name", album.json["id"], "127.0.0.1:"):
        assert secret not in server.log.replace(f"http://127.0.0.1:{server.port}", "")


def test_the_workers_and_the_album_worker_count_together(serve: Start) -> None:
    server = serve("--workers", "2")
    for _ in range(20):
        server.post("/api/v1/analyses", PORTRAIT)
    album = server.post_many("/api/v1/albums", [PORTRAIT, b"no photo"])
    wait_for_album(server, album.headers["Location"])
    for _ in range(5):  # whichever process answers
        told = metrics(server)
        assert told["agelens_photos_total{faces}"] == 21
        assert told["agelens_photos_total{failed}"] == 1
        assert told["agelens_faces_total{}"] == 42
        assert told["agelens_album_photos_total{done}"] == 1
        assert told["agelens_album_photos_total{failed}"] == 1
        assert told["agelens_stage_seconds_count{detect}"] == 21
        assert told["agelens_request_seconds_count{api.analyze}"] == 20
        assert told["agelens_analyses_running{}"] == told["agelens_queue_photos{}"] == 0
    memories = [name for name in told if name.startswith("agelens_resident_memory_bytes{")]
    assert len(memories) == 3  # two workers and the one for albums


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_what_a_dead_worker_counted_stays_and_what_it_held_goes(serve: Start) -> None:
    server = serve()
    server.post("/api/v1/analyses", PORTRAIT)
    worker = first_child(first_child(server.process.pid))
    assert worker in memories_of(server)
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: worker not in (now := memories_of(server)) and len(now) == 2, pause=0.2)
    assert metrics(server)["agelens_photos_total{faces}"] == 1


def first_child(process: int) -> int:
    listing = Path(f"/proc/{process}/task/{process}/children")
    return int(listing.read_text().split()[0])


def memories_of(server: Running) -> list[int]:
    """The processes that tell their memory; none while the server starts."""
    try:
        server.get("/healthz")
        told = metrics(server)
    except OSError:
        return []
    names = [name for name in told if name.startswith("agelens_resident_memory_bytes{")]
    return [int(name.partition("{")[2].rstrip("}")) for name in names]


def test_the_shared_folder_is_gone_after_the_end(serve: Start, tmp_path: Path) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    server = serve(TMPDIR=str(folder))
    assert [path.name.startswith("agelens-") for path in folder.iterdir()] == [True]
    server.stop()
    assert list(folder.iterdir()) == []


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_it_survives_that_somebody_empties_the_folder_of_temporary_files(
    serve: Start, tmp_path: Path
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    server = serve(TMPDIR=str(folder))
    eventually(lambda: len(memories_of(server)) == 2, pause=0.2)
    shutil.rmtree(next(folder.iterdir()))
    assert server.get("/metrics").status == 200
    worker = first_child(first_child(server.process.pid))
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: memories_of(server) not in ([], [worker]), pause=0.2)
    assert server.stop() == 0

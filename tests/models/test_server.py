"""``agelens serve`` as it is run: gunicorn, real networks, real photos over HTTP."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.samples import encoded, group
from tests.servers import Running, free_port, serving

pytestmark = pytest.mark.slow


@contextmanager
def serving_for_real(data: Path, *options: str) -> Iterator[Running]:
    """``agelens serve`` with its results in a folder."""
    port = free_port()
    command = [sys.executable, "-m", "webapp", "serve", "--port", str(port), *options]
    environment = {**os.environ, "AGELENS_DATA_DIR": str(data)}
    with serving(command, port, data / "server.log", env=environment) as server:
        yield server
        assert server.stop() == 0


def test_a_photo_is_analysed_and_its_page_survives_a_restart(tmp_path: Path) -> None:
    photo = encoded(group(2, 2))
    with serving_for_real(tmp_path) as server:
        assert len(server.post("/api/v1/analyses", photo).json["faces"]) == 4
        path = server.keep(photo)
        assert b"4 faces" in server.get(path).body
    with serving_for_real(tmp_path, "--workers", "2", "--threads", "4") as server:
        assert b"4 faces" in server.get(path).body
        assert server.get(f"{path}/annotated.png").body.startswith(b"\x89PNG")

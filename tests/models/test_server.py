"""``agelens serve`` as it is run: gunicorn, real networks, real photos over HTTP."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.samples import encoded, group
from tests.web.posts import token_of

pytestmark = pytest.mark.slow

START_SECONDS = 120


@dataclass(frozen=True)
class Server:
    """A running server."""

    address: str
    process: subprocess.Popen[bytes]
    # Keeps cookies, as a browser does.
    opener: urllib.request.OpenerDirector = field(
        default_factory=lambda: urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    )

    def get(self, path: str) -> bytes:
        with self.opener.open(self.address + path, timeout=60) as answer:
            return bytes(answer.read())

    def post(self, path: str, photo: bytes) -> tuple[str, bytes]:
        """The address that the answer ended at, and its body."""
        boundary = "a-boundary-between-parts"
        part = f"--{boundary}\r\nContent-Disposition: form-data; name="
        token = token_of(self.get("/").decode())
        head = f'{part}"csrf_token"\r\n\r\n{token}\r\n{part}"photo"; filename="g.jpg"'
        body = head.encode() + b"\r\n\r\n" + photo + f"\r\n--{boundary}--\r\n".encode()
        request = urllib.request.Request(self.address + path, body)
        request.add_header("Content-Type", f"multipart/form-data; boundary={boundary}")
        with self.opener.open(request, timeout=120) as answer:
            return answer.url, bytes(answer.read())


@contextmanager
def serving(data: Path, *options: str) -> Iterator[Server]:
    """Start a server on a free port, wait until it is ready, and stop it as an operator would."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, "-m", "webapp", "serve", "--port", port, *options],
        env={**os.environ, "AGELENS_DATA_DIR": str(data)},
        stderr=subprocess.DEVNULL,
    )
    server = Server(f"http://127.0.0.1:{port}", process)
    try:
        _wait_until_ready(server)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0


def _wait_until_ready(server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            assert json.loads(server.get("/readyz")) == {"status": "ready"}
        except urllib.error.URLError:
            assert server.process.poll() is None, "the server ended while starting"
            assert time.monotonic() < deadline, "the server did not become ready"
            time.sleep(0.1)
        else:
            return


def test_a_photo_is_analysed_and_its_page_survives_a_restart(tmp_path: Path) -> None:
    photo = encoded(group(2, 2))
    with serving(tmp_path) as server:
        _, body = server.post("/api/v1/analyses", photo)
        assert len(json.loads(body)["faces"]) == 4
        page, html = server.post("/analyses", photo)
        path = page.removeprefix(server.address)
        assert re.search(rb"4 faces", html)
    with serving(tmp_path, "--workers", "2", "--threads", "4") as server:
        assert b"4 faces" in server.get(path)
        assert server.get(f"{path}/annotated.png").startswith(b"\x89PNG")


def test_a_setting_that_makes_no_sense_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "webapp", "serve"],
        env={**os.environ, "AGELENS_KEEP": "soon", "AGELENS_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "AGELENS_KEEP: not a valid duration" in done.stderr
    assert "Traceback" not in done.stderr

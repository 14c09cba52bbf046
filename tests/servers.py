"""Servers that tests start as processes of their own, on free ports of this machine."""

import http.client
import json
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

from tests.web.posts import token_of

PATIENCE = 30.0
START_SECONDS = 120.0


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Running:
    """A server that runs."""

    port: int
    process: subprocess.Popen[bytes]
    log_file: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, photo: bytes) -> Answer:
        return self.post_many(path, [photo])

    def keep(self, photo: bytes) -> str:
        """Send a photo as the page's form does; the address of its result."""
        return self.post_form("/analyses", photo).headers["Location"]

    def post_form(self, path: str, photo: bytes) -> Answer:
        """Send a photo as a page's form does."""
        page = self.get("/")
        token = {"csrf_token": token_of(page.body.decode())}
        cookie = page.headers["Set-Cookie"].partition(";")[0]
        return self.post_many(path, [photo], token, Cookie=cookie)

    def post_many(
        self,
        path: str,
        photos: Sequence[bytes],
        fields: Mapping[str, str] | None = None,
        **headers: str,
    ) -> Answer:
        """Send photos whose name nobody should learn."""
        boundary = secrets.token_hex(8)
        head = 'Content-Disposition: form-data; name="photo"; filename="secret-name.jpg"\r\n\r\n'
        parts = [f"--{boundary}\r\n{head}".encode() + photo + b"\r\n" for photo in photos]
        for name, text in (fields or {}).items():
            head = f'Content-Disposition: form-data; name="{name}"\r\n\r\n'
            parts.append(f"--{boundary}\r\n{head}{text}\r\n".encode())
        body = b"".join([*parts, f"--{boundary}--\r\n".encode()])
        kind = f"multipart/form-data; boundary={boundary}"
        return self._ask("POST", path, body, {"Content-Type": kind, **headers})

    def connect(self, first: bytes = b"") -> socket.socket:
        """A bare connection, on which so much is sent at once."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        connection.sendall(first)
        return connection

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    def stop(self) -> int:
        """End it as an operator would; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=4 * PATIENCE)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    command: Sequence[str | Path], port: int, log_file: Path, **options: Any
) -> Iterator[Running]:
    """A server on a port, from when it is ready until it is stopped as an operator would."""
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, start_new_session=True, **options
        )
    running = Running(port, process, log_file)
    try:
        _wait_until_ready(running)
        yield running
    finally:
        if process.poll() is None:
            running.stop()


def _wait_until_ready(running: Running) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            if running.get("/readyz").status == 200:
                return
        except OSError:
            assert running.process.poll() is None, running.log
        assert time.monotonic() < deadline, running.log
        time.sleep(0.1)

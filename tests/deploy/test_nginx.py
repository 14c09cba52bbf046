"""The deployed nginx configuration at work, before two machines that repeat what they are told."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.scale.cluster import NGINX, nginx_command, nginx_conf
from tests.scale.programs import Program, listens
from tests.servers import free_port
from tests.waiting import eventually

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")

HERE = "127.0.0.1"


class Machine(ThreadingHTTPServer):
    """Remembers the paths that it was asked for."""

    def __init__(self, port: int = 0) -> None:
        super().__init__((HERE, port), Repeating)
        self.paths: list[str] = []


class Repeating(BaseHTTPRequestHandler):
    """Answers with the headers that came."""

    server: Machine

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.paths.append(self.path)
        body = json.dumps(dict(self.headers.items())).encode()
        self.send_response(200)
        self.send_header("Content-Type", "image/svg+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def running(port: int = 0) -> Iterator[Machine]:
    """A machine that answers."""
    server = Machine(port)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with running() as server:
        yield server


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where nginx keeps its logs and its spool."""
    made = tmp_path_factory.mktemp("nginx")
    (made / "cache").mkdir()
    return made


@pytest.fixture(scope="module")
def nginx(machine: Machine, folder: Path) -> Iterator[int]:
    """The port of nginx. The second of the two machines behind it is dead."""
    with started(folder, [machine.server_port, free_port()]) as port:
        yield port


@contextmanager
def started(folder: Path, machines: list[int]) -> Iterator[int]:
    """The port of an nginx before machines on these ports."""
    port = free_port()
    (folder / "nginx.conf").write_text(nginx_conf(folder, port, machines))
    program = Program("nginx", nginx_command(folder), folder / "nginx.log", ready=listens(port))
    program.start()
    try:
        yield port
    finally:
        program.stop()


def get(port: int, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes, str]:
    """Status, body and encoding."""
    connection = http.client.HTTPConnection(HERE, port, timeout=30)
    connection.request("GET", path, headers=headers or {})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body, answer.headers.get("Content-Encoding", "")


def test_what_a_stranger_says_of_himself_is_replaced(nginx: int) -> None:
    lies = {
        "X-Forwarded-For": "10.0.0.1",
        "X-Forwarded-Host": "elsewhere.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/admin",
        "Forwarded": "for=10.0.0.1",
        "X-Real-IP": "10.0.0.1",
        "X-Request-ID": "mine",
    }
    _, body, _ = get(nginx, "/", lies)
    seen = {name.lower(): text for name, text in json.loads(body).items()}
    assert seen["x-forwarded-for"] == HERE
    assert seen["x-forwarded-host"] == seen["host"] == f"{HERE}:{nginx}"
    assert seen["x-forwarded-proto"] == "http"
    assert len(seen["x-request-id"]) == 32
    assert not {"forwarded", "x-real-ip", "x-forwarded-prefix", "x-forwarded-port"} & seen.keys()


@pytest.mark.parametrize("path", ["/metrics", "//metrics", "/%6detrics", "/x/../metrics"])
def test_nobody_outside_reads_the_metrics(nginx: int, machine: Machine, path: str) -> None:
    before = len(machine.paths)
    assert get(nginx, path)[0] == 404
    assert len(machine.paths) == before


def test_a_dead_machine_is_not_noticed(nginx: int) -> None:
    assert [get(nginx, "/")[0] for _ in range(50)] == [200] * 50


@pytest.mark.parametrize(
    ("path", "size", "let_in"),
    [
        ("/analyses", 65 << 20, False),
        ("/analyses", 63 << 20, True),
        ("/albums", 1_000_220_000, True),
        ("/api/v1/albums", 1_000_220_000, True),
        ("/api/v1/albums", 1100 << 20, False),
    ],
)
def test_what_is_far_too_large_ends_here(nginx: int, path: str, size: int, let_in: bool) -> None:
    with socket.create_connection((HERE, nginx), 30) as connection:
        connection.settimeout(1 if let_in else 30)
        head = f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n"
        connection.sendall(head.encode())
        try:
            answer = connection.recv(100)
        except TimeoutError:
            answer = b""
    assert (answer == b"") == let_in  # nginx waits for the rest, or refuses at once
    assert let_in or b" 413 " in answer


def test_a_slow_sender_holds_no_web_machine(nginx: int, machine: Machine) -> None:
    body = b"x" * 200_000
    with socket.create_connection((HERE, nginx), 30) as connection:
        head = f"POST /slowly HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body[:150_000])
        time.sleep(1)
        assert "/slowly" not in machine.paths
        connection.sendall(body[150_000:])
        assert b" 200 " in connection.recv(100)
    assert "/slowly" in machine.paths


def test_the_log_names_no_addresses_of_results(nginx: int, folder: Path) -> None:
    get(nginx, "/analyses/a-secret-id")
    eventually((folder / "access.log").read_text)
    text = (folder / "access.log").read_text()
    assert "GET" in text
    assert "a-secret-id" not in text


def test_machines_that_were_away_together_are_asked_as_soon_as_they_are_back(
    tmp_path: Path,
) -> None:
    (tmp_path / "cache").mkdir()
    ports = [free_port(), free_port()]
    with started(tmp_path, ports) as nginx:
        assert {get(nginx, "/")[0] for _ in range(12)} == {502}
        with running(ports[0]), running(ports[1]):
            assert [get(nginx, "/")[0] for _ in range(12)] == [200] * 12


def test_what_is_logged_while_all_machines_are_away_tells_nothing_of_visitors(
    tmp_path: Path,
) -> None:
    (tmp_path / "cache").mkdir()
    with started(tmp_path, [free_port(), free_port()]) as nginx:
        for _ in range(8):
            get(nginx, "/analyses/a-secret-id", {"Referer": "http://here/albums/another-secret"})
        get(nginx, "/static/%00")  # malformed
    told = "".join(path.read_text() for path in tmp_path.glob("*.log"))
    assert " 502 " in told
    for secret in ("a-secret-id", "another-secret", f"client: {HERE}"):
        assert secret not in told

"""The server under parallel clients, against the same work done inside one process.

``python -m benchmarks.serving`` starts ``agelens serve`` on a free port of this machine, sends it
photos from eight clients and prints a table. It stops by itself.
"""

import base64
import http.client
import json
import os
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import peak_megabytes
from benchmarks.photos import jpeg
from webapp.assembly import build_registry
from webapp.settings import Settings

CLIENTS = 8
REQUESTS = 64
START_SECONDS = 60


@dataclass(frozen=True)
class Load:
    """What clients saw: photos a second, seconds an answer, and how many answers were not 200."""

    photos_per_second: float
    median: float
    p95: float
    errors: int


@contextmanager
def server() -> Iterator[tuple[int, float, int]]:
    """A server of our own: its port, the seconds until it was ready, its worker's process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "AGELENS_DATA_DIR": folder}
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "webapp", "serve", "--port", str(port)],
            env=environment,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_until_ready(port)
            yield port, time.perf_counter() - started, _worker_of(process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


def _wait_until_ready(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except ConnectionError:
            pass
        time.sleep(0.02)
    raise TimeoutError("the server did not become ready")


def _worker_of(supervisor: int) -> int:
    """The process that answers: the first child of gunicorn, the first child of the command."""
    return _first_child(_first_child(supervisor))


def _first_child(process: int) -> int:
    children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return int(children.split()[0])


@dataclass(frozen=True)
class Body:
    """A photo as a request to the API has it."""

    data: bytes
    content_type: str

    @classmethod
    def form(cls, photo: bytes) -> "Body":
        """As a file in a form."""
        boundary = secrets.token_hex(16)
        head = (
            f"--{boundary}\r\n"
            'Content-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n'
        )
        data = head.encode() + photo + f"\r\n--{boundary}--\r\n".encode()
        return cls(data, f"multipart/form-data; boundary={boundary}")

    @classmethod
    def json(cls, photo: bytes) -> "Body":
        """As base64 in JSON."""
        document = {"photo": base64.b64encode(photo).decode("ascii")}
        return cls(json.dumps(document).encode(), "application/json")


@dataclass(frozen=True)
class Answer:
    """What the API answered, after how many seconds, of which the pipeline took how many."""

    status: int
    seconds: float
    in_pipeline: float


def post(port: int, body: Body) -> Answer:
    """Send one photo to the API."""
    headers = {"Content-Type": body.content_type}
    started = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("POST", "/api/v1/analyses", body.data, headers)
    response = connection.getresponse()
    text = response.read()
    connection.close()
    seconds = time.perf_counter() - started
    timings = json.loads(text)["timings_ms"].values() if response.status == 200 else ()
    return Answer(response.status, seconds, sum(timings) / 1000)


def added(port: int, body: Body, requests: int) -> float:
    """Milliseconds that the API adds to the pipeline, in the middle of so many requests."""
    answers = [post(port, body) for _ in range(requests)]
    return 1000 * statistics.median(one.seconds - one.in_pipeline for one in answers)


def load(port: int, body: Body, clients: int, requests: int) -> Load:
    """So many requests from so many clients, each sending its next when it has its answer."""
    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        answers = list(pool.map(lambda _: post(port, body), range(requests)))
    elapsed = time.perf_counter() - started
    seconds = sorted(answer.seconds for answer in answers)
    errors = sum(answer.status != 200 for answer in answers)
    p95 = seconds[int(0.95 * len(seconds))]
    return Load(requests / elapsed, statistics.median(seconds), p95, errors)


def in_process(data: bytes, requests: int) -> float:
    """Photos a second of the pipeline itself, in as many threads as the server has slots."""
    settings = Settings()
    analyzer = build_registry(settings).analyzer()

    def analyze(_: int) -> None:
        analyzer.examine_bytes(data, settings.photo_limits, settings.detection())

    with ThreadPoolExecutor(settings.inference_slots) as pool:
        list(pool.map(analyze, range(4)))
        started = time.perf_counter()
        list(pool.map(analyze, range(requests)))
    return requests / (time.perf_counter() - started)


def report() -> str:
    """Run everything and put it into words."""
    data = jpeg(1920, 1366, 4)
    alone = in_process(data, REQUESTS)
    bodies = {
        "the photo itself": Body(data, "image/jpeg"),
        "a form": Body.form(data),
        "JSON": Body.json(data),
    }
    with server() as (port, start, worker):
        load(port, bodies["a form"], CLIENTS, CLIENTS)
        served = load(port, bodies["a form"], CLIENTS, REQUESTS)
        more = {name: added(port, body, REQUESTS) for name, body in bodies.items()}
        large = [Body.form(jpeg(4000, 3000, faces)) for faces in (1, 4, 20)]
        peaks = []
        for number in range(30):
            post(port, large[number % 3])
            peaks.append(peak_megabytes(worker))
    return "\n".join(
        (
            f"start to /readyz: {start:.1f} s",
            f"in-process, {Settings().inference_slots} threads: {alone:.1f} photos/s",
            f"{CLIENTS} clients over HTTP: {served.photos_per_second:.1f} photos/s, "
            f"{served.photos_per_second / alone:.0%} of in-process",
            f"  median {served.median:.2f} s, p95 {served.p95:.2f} s "
            f"({served.p95 / served.median:.2f} × the median), errors: {served.errors}",
            "the API adds to the pipeline, milliseconds: "
            + ", ".join(f"{name} {milliseconds:.1f}" for name, milliseconds in more.items()),
            f"worker's peak memory over 30 photos of 12 MP: {peaks[2]:.0f} MB after 3, "
            f"{peaks[9]:.0f} after 10, {peaks[-1]:.0f} after 30",
        )
    )


if __name__ == "__main__":
    print(report())

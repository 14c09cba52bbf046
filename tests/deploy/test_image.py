"""What the Dockerfile makes, made without a container engine: it serves without TensorFlow."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.dockerfile import CHECKOUT, build_in, instructions, python_for_others
from tests.models.test_server import Server
from tests.samples import encoded, group

pytestmark = pytest.mark.slow

USER = 10001


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The environment that the build stage makes, readable by everyone and writable by nobody."""
    python = python_for_others()
    if python is None:
        pytest.skip("no Python that another user may run")
    root = tmp_path_factory.mktemp("image")
    build_in(root, python)
    for folder in (root, *list(root.parents)[:-2]):
        folder.chmod(folder.stat().st_mode | 0o055)
    for path in (root / "opt").rglob("*"):
        if not path.is_symlink():
            path.chmod(0o555 if path.is_dir() or path.stat().st_mode & 0o111 else 0o444)
    return root / "opt" / "agelens"


@pytest.fixture(scope="module")
def server(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`agelens serve` from it, as the image's user where we may change users."""
    data = tmp_path_factory.mktemp("data")
    user: dict[str, object] = {}
    if os.geteuid() == 0:
        os.chown(data, USER, USER)
        user = {"user": USER, "group": USER, "extra_groups": []}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {"PATH": "/usr/bin:/bin", "AGELENS_DATA_DIR": str(data), "TMPDIR": str(data)}
    process = subprocess.Popen(
        [installed / "bin" / "agelens", "serve", "--port", str(port)],
        env={**environment, "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=data,
        stderr=subprocess.DEVNULL,
        **user,  # type: ignore[call-overload]
    )
    server = Server(f"http://127.0.0.1:{port}", process)
    try:
        _wait_until_ready(server)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def _wait_until_ready(server: Server) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            server.get("/readyz")
        except urllib.error.URLError:
            assert server.process.poll() is None, "the server ended while starting"
            assert time.monotonic() < deadline, "the server did not become ready"
            time.sleep(0.1)
        else:
            return


def test_tensorflow_stays_out(installed: Path) -> None:
    packages = {path.name.partition("-")[0] for path in installed.rglob("*.dist-info")}
    assert {"agelens", "onnxruntime", "redis", "s3fs", "mtcnn"} <= packages
    assert not packages & {"tensorflow", "keras", "tensorboard", "pip"}


def test_a_stranger_to_the_installation_serves_from_it(installed: Path, server: Server) -> None:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    if os.geteuid() == 0:
        assert f"Uid:\t{USER}" in status
        assert "CapEff:\t0000000000000000" in status
    _, body = server.post("/api/v1/analyses", encoded(group(2, 2)))
    assert len(json.loads(body)["faces"]) == 4
    files = [path for path in installed.rglob("*") if not path.is_symlink()]
    assert not [path for path in files if path.stat().st_mode & 0o222]


def test_a_worker_beside_it_does_albums(server: Server) -> None:
    _, body = server.post("/api/v1/albums", encoded(group(1, 1)))
    address = f"/api/v1/albums/{json.loads(body)['id']}"
    deadline = time.monotonic() + 60
    while not (album := json.loads(server.get(address)))["done"]:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert len(album["photos"][0]["faces"]) == 1


def test_the_health_check_asks_a_living_server(installed: Path, server: Server) -> None:
    [check] = [rest for name, rest in instructions(1) if name == "HEALTHCHECK"]
    command = json.loads(check.partition("CMD ")[2])
    command[0] = str(installed / "bin" / command[0])
    port = server.address.rpartition(":")[2]

    def healthy(at: str) -> bool:
        asked = [part.replace(":8000", f":{at}") for part in command]
        return subprocess.run(asked, capture_output=True, check=False).returncode == 0

    assert healthy(port)
    assert not healthy("1")


def test_the_lock_is_what_the_tests_run_with() -> None:
    def pins(name: str) -> set[str]:
        lines = (CHECKOUT / name).read_text().splitlines()
        return {line.split(" ")[0] for line in lines if "==" in line.split(" ")[0]}

    assert pins("deploy/requirements.lock") <= pins("requirements.lock") | pins(
        "requirements-dev.lock"
    )

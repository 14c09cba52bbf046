"""What the Dockerfile installs, without a container engine: it serves without TensorFlow."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.dockerfile import CHECKOUT, instructions
from tests.samples import encoded, group
from tests.servers import Running, free_port, serving

pytestmark = pytest.mark.slow

USER = 10001


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The environment that the build stage makes, readable by everyone and writable by nobody."""
    python = python_for_others()
    if python is None:
        pytest.skip("no Python that another user may run")
    root = tmp_path_factory.mktemp("image")
    environment, lock = root / "agelens", CHECKOUT / "deploy" / "requirements.lock"
    pip = [sys.executable, "-m", "pip", "--python", environment / "bin" / "python"]
    install = [*pip, "install", "--no-deps"]
    wheel = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", root]
    subprocess.run([python, "-m", "venv", "--without-pip", environment], check=True)
    subprocess.run([*install, "--require-hashes", "--only-binary", ":all:", "-r", lock], check=True)
    subprocess.run(wheel, cwd=CHECKOUT, check=True)
    subprocess.run([*install, *root.glob("*.whl")], check=True)
    for folder in (root, *list(root.parents)[:-2]):
        folder.chmod(folder.stat().st_mode | 0o055)
    for path in environment.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o555 if path.is_dir() or path.stat().st_mode & 0o111 else 0o444)
    return environment


def python_for_others() -> str | None:
    """A supported interpreter that other users may run, too; None where there is none."""
    version = "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))"
    for path in (Path(sys.executable).resolve(), Path("/usr/bin/python3")):
        open_to_all = path.exists() and all(p.stat().st_mode & 0o001 for p in (path, *path.parents))
        if open_to_all and subprocess.run([path, "-c", version], check=False).returncode == 0:
            return str(path)
    return None


@pytest.fixture(scope="module")
def server(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """`agelens serve` from it, as the image's user where we may change users."""
    data = tmp_path_factory.mktemp("data")
    user: dict[str, object] = {}
    if os.geteuid() == 0:
        os.chown(data, USER, USER)
        user = {"user": USER, "group": USER, "extra_groups": []}
    port = free_port()
    environment = {"PATH": "/usr/bin:/bin", "AGELENS_DATA_DIR": str(data), "TMPDIR": str(data)}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    command = [installed / "bin" / "agelens", "serve", "--port", str(port)]
    with serving(command, port, data / "log", env=environment, cwd=data, **user) as server:
        yield server
        assert server.stop() == 0


def test_tensorflow_stays_out(installed: Path) -> None:
    packages = {path.name.partition("-")[0] for path in installed.rglob("*.dist-info")}
    assert {"agelens", "onnxruntime", "redis", "s3fs", "mtcnn"} <= packages
    assert not packages & {"tensorflow", "keras", "tensorboard", "pip"}


def test_a_stranger_to_the_installation_serves_from_it(installed: Path, server: Running) -> None:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    if os.geteuid() == 0:
        assert f"Uid:\t{USER}" in status
        assert "CapEff:\t0000000000000000" in status
    assert len(server.post("/api/v1/analyses", encoded(group(2, 2))).json["faces"]) == 4
    files = [path for path in installed.rglob("*") if not path.is_symlink()]
    assert not [path for path in files if path.stat().st_mode & 0o222]


def test_a_worker_beside_it_does_albums(server: Running) -> None:
    album_id = server.post("/api/v1/albums", encoded(group(1, 1))).json["id"]
    deadline = time.monotonic() + 60
    while not (album := server.get(f"/api/v1/albums/{album_id}").json)["done"]:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert len(album["photos"][0]["faces"]) == 1


def test_the_health_check_asks_a_living_server(installed: Path, server: Running) -> None:
    [check] = [rest for name, rest in instructions(1) if name == "HEALTHCHECK"]
    command = json.loads(check.partition("CMD ")[2])
    command[0] = str(installed / "bin" / command[0])

    def healthy(at: str) -> bool:
        asked = [part.replace(":8000", f":{at}") for part in command]
        return subprocess.run(asked, capture_output=True, check=False).returncode == 0

    assert healthy(str(server.port))
    assert not healthy("1")


def test_the_lock_is_what_the_tests_run_with() -> None:
    def pins(name: str) -> set[str]:
        lines = (CHECKOUT / name).read_text().splitlines()
        return {line.split(" ")[0] for line in lines if "==" in line.split(" ")[0]}

    assert pins("deploy/requirements.lock") <= pins("requirements.lock") | pins(
        "requirements-dev.lock"
    )

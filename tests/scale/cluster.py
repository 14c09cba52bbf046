"""Every server that several machines would run, on the loopback and in one temporary folder."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from unittest.mock import patch

import fsspec

from tests.scale.programs import Program, answers, listens
from tests.servers import free_port
from webapp.settings import Settings

NGINX_CONF = Path(__file__).parents[2] / "deploy" / "nginx.conf"
AGELENS = [sys.executable, "-m", "webapp"]
BUCKET = "agelens-at-scale"
NGINX, REDIS = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin"), "redis-server"

Store = Literal["folder", "bucket"]


def missing() -> str | None:
    """What is not installed that a cluster needs, as a sentence; None where all is there."""
    absent = [name for name, path in (("nginx", NGINX), (REDIS, shutil.which(REDIS))) if not path]
    return f"{' and '.join(absent)} must be installed" if absent else None


@dataclass
class Cluster:
    """Running servers by name; the address is nginx's."""

    folder: Path
    address: str
    settings: Settings
    nginx: Program
    redis: Program
    webs: list[Program] = field(default_factory=list)
    workers: list[Program] = field(default_factory=list)


@contextmanager
def cluster(store: Store = "folder", webs: int = 2, workers: int = 2) -> Iterator[Cluster]:
    """Start everything, and leave no process and no file behind, whatever happens."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="agelens-scale-")))
        folder.chmod(0o755)  # nginx's processes may be another user's
        if store == "bucket":
            stack.enter_context(patch.dict(os.environ, _bucket(stack, folder)))
        redis_port = free_port()
        shared = {
            "AGELENS_DATA_DIR": str(folder / "data"),
            "AGELENS_STORE": f"s3://{BUCKET}" if store == "bucket" else str(folder / "store"),
            "AGELENS_QUEUE": f"redis://127.0.0.1:{redis_port}/0",
            "AGELENS_PROXIES": "1",
        }
        others = {name: value for name, value in os.environ.items() if "AGELENS_" not in name}
        environment = {**others, **shared}
        ports = [free_port() for _ in range(webs)]
        nginx_port = free_port()
        running = Cluster(
            folder,
            f"http://127.0.0.1:{nginx_port}",
            Settings.from_environment(shared),
            _nginx(folder, nginx_port, ports),
            redis_server(folder, redis_port),
            [_web(folder, port, environment) for port in ports],
            [worker(folder, number, environment) for number in range(workers)],
        )
        for program in (running.redis, *running.webs, *running.workers, running.nginx):
            stack.callback(program.stop)
            program.start()
        yield running


def worker(folder: Path, number: int, environment: Mapping[str, str]) -> Program:
    """`agelens worker`, not yet started."""
    command = [*AGELENS, "worker", "--jobs", "1"]
    return Program(f"worker {number + 1}", command, folder / f"worker-{number}.log", environment)


def nginx_conf(folder: Path, port: int, webs: list[int]) -> str:
    """The deployed configuration with addresses and paths of this machine, otherwise as it is."""
    text = NGINX_CONF.read_text()
    changes = {
        "listen 8080;": f"listen 127.0.0.1:{port};",
        "web-1:8000": f"127.0.0.1:{webs[0]}",
        "web-2:8000": f"127.0.0.1:{webs[1]}",
        "/tmp/nginx.pid": f"{folder}/nginx.pid",  # noqa: S108 # what the file says
        "/dev/stdout": f"{folder}/access.log",
        "/dev/stderr": f"{folder}/error.log",
        "/var/cache/nginx": f"{folder}/cache",
    }
    for deployed, here in changes.items():
        if deployed not in text:
            raise ValueError(f"{NGINX_CONF.name} has no “{deployed}” any more")
        text = text.replace(deployed, here)
    return text


def nginx_command(folder: Path) -> list[str]:
    """How nginx is called with the configuration in a folder, in the foreground."""
    user = "user root; " if os.geteuid() == 0 else ""  # its processes write into our folder
    error_log = str(folder / "error.log")
    options = ["-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", error_log]
    return [str(NGINX), *options, "-g", f"{user}daemon off;"]


def _nginx(folder: Path, port: int, webs: list[int]) -> Program:
    (folder / "cache").mkdir()
    conf = nginx_conf(folder, port, webs if len(webs) > 1 else webs * 2)
    (folder / "nginx.conf").write_text(conf)
    return Program("nginx", nginx_command(folder), folder / "nginx.log", ready=listens(port))


def redis_server(folder: Path, port: int) -> Program:
    """A Redis that keeps nothing on the disk, not yet started."""
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    return Program("Redis", [REDIS, *options], folder / "redis.log", ready=listens(port))


def _web(folder: Path, port: int, environment: Mapping[str, str]) -> Program:
    command = [*AGELENS, "serve", "--port", str(port)]
    ready = answers(f"http://127.0.0.1:{port}/readyz")
    return Program(f"web on {port}", command, folder / f"web-{port}.log", environment, ready)


def s3_server(folder: Path, port: int) -> Program:
    """An S3 server without buckets, not yet started."""
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    return Program("S3", command, folder / "s3.log", ready=listens(port))


def _bucket(stack: ExitStack, folder: Path) -> dict[str, str]:
    """Start an S3 server with an empty bucket; the environment that leads to it."""
    port = free_port()
    server = s3_server(folder, port)
    stack.callback(server.stop)
    server.start()
    access = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with patch.dict(os.environ, access):
        fsspec.filesystem("s3", skip_instance_cache=True).mkdir(BUCKET)
    return access

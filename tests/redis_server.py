"""A real Redis for tests, on a free port of this machine; it keeps nothing on the disk."""

import shutil
import subprocess
import time
from pathlib import Path

from redis import Redis
from redis.exceptions import ConnectionError as NoConnection

SERVER = shutil.which("redis-server")


def start_redis(port: int, folder: Path) -> subprocess.Popen[bytes]:
    """A server that answers; whoever started it stops it."""
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    server = subprocess.Popen([str(SERVER), *options], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    with Redis(port=port) as client:
        while True:
            try:
                client.ping()
            except NoConnection:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            else:
                return server

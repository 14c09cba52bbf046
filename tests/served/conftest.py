"""``agelens serve`` over a fake network, on a free port of this machine."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.served.serve_with_fakes import ITSELF
from tests.servers import Running, free_port, serving

Start = Callable[..., Running]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Start]:
    """Starts servers; options are gunicorn's and settings are environment variables."""
    with ExitStack() as stack:

        def start(*options: str, **settings: str) -> Running:
            port = free_port()
            command = [*ITSELF, *options, "--bind", f"127.0.0.1:{port}"]
            environment = {**os.environ, "AGELENS_DATA_DIR": str(tmp_path / "data"), **settings}
            running = serving(command, port, tmp_path / f"{port}.log", env=environment)
            return stack.enter_context(running)

        yield start

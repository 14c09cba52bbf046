"""``agelens serve`` over a fake network, on a free port of this machine."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.served.serve_with_fakes import ITSELF
from tests.servers import Running, free_port, serving

Start = Callable[..., Running]


@contextmanager
def servers_in(folder: Path) -> Iterator[Start]:
    """Starts servers; options are gunicorn's and settings are environment variables."""
    with ExitStack() as stack:

        def start(*options: str, **settings: str) -> Running:
            port = free_port()
            command = [*ITSELF, *options, "--bind", f"127.0.0.1:{port}"]
            environment = {**os.environ, "AGELENS_DATA_DIR": str(folder / "data"), **settings}
            running = serving(command, port, folder / f"{port}.log", env=environment)
            return stack.enter_context(running)

        yield start


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Start]:
    with servers_in(tmp_path) as start:
        yield start


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One for all tests that need no settings and do it no harm; it logs JSON."""
    with servers_in(tmp_path_factory.mktemp("server")) as start:
        yield start(AGELENS_LOG="json")

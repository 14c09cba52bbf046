"""A server over a fake network, and packages of npm in a temporary folder."""

import os
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.served.conftest import serve, server  # noqa: F401 # fixtures

SECONDS = 300
Install = Callable[..., Path]


@pytest.fixture(scope="session")
def npm(tmp_path_factory: pytest.TempPathFactory) -> Install:
    """Installs packages of npm and gives the folder; skips where that is not possible."""

    @cache
    def install(*packages: str) -> Path:
        folder = tmp_path_factory.mktemp("npm")
        program = shutil.which("npm")
        if program is None:
            pytest.skip("There is no npm on this machine.")
        (folder / "package.json").write_text('{"private": true, "type": "module"}')
        options = ("--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline")
        try:
            run([program, "install", *options, *packages], folder)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            pytest.skip("npm cannot install packages here.")
        return folder

    return install


def run(command: list[str | Path], folder: Path, **environment: str) -> str:
    """Run a program; what it wrote. Raises CalledProcessError."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "NO_UPDATE_NOTIFIER": "1", **environment},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode:
        raise subprocess.CalledProcessError(
            done.returncode, command, done.stdout, done.stderr
        ) from AssertionError(done.stdout[-2000:] + done.stderr[-2000:])
    return done.stdout

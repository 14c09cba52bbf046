"""What a call of ``agelens analyze --out`` has done so far, so that the next one can go on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from webapp.commands.photo_files import AnalyzeOptions, Outcome
from webapp.results.schema import Choices, Record
from webapp.vision.types import Analysis


class Journal:
    """A file beside the output, one line a photo that was analysed; gone when all are done.

    A photo that failed is not in it, and so tried again. Where the options or a photo's file have
    changed, what the journal says of it does not count.
    """

    def __init__(self, out: Path, options: AnalyzeOptions) -> None:
        self._path = out.with_name(f"{out.name}.journal")
        self._options = {name: str(value) for name, value in asdict(options).items()}
        self._file: IO[str] | None = None

    def read(self, paths: Iterable[Path]) -> dict[Path, Outcome]:
        """What is known of these photos."""
        entries = {entry["path"]: entry for entry in self._entries()}
        found = ((path, entries.get(str(path))) for path in paths)
        return {
            path: Outcome(path, Record.from_json(entry["record"]).analysis)
            for path, entry in found
            if entry is not None and entry["version"] == _version(path)
        }

    def __enter__(self) -> None:
        if any(self._entries()):
            self._file = self._path.open("a", encoding="utf-8")
            self._file.write("\n")  # the line before may have been broken off
        else:
            self._file = self._path.open("w", encoding="utf-8")
            self._write(self._options)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, outcome: Outcome) -> None:
        """Remember a photo, if it was analysed."""
        if isinstance(outcome.result, Analysis):
            # Nameless: the name of a file on a disk need not be Unicode.
            record = Record("", Choices(), outcome.result).to_json().decode()
            version = _version(outcome.path)
            self._write({"path": str(outcome.path), "version": version, "record": record})

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)

    def _entries(self) -> Iterator[dict[str, Any]]:
        """The lines after the first, if that one tells the same options."""
        if not self._path.exists():
            return
        lines = self._path.read_text(encoding="utf-8").splitlines()
        documents = [document for line in lines if (document := _parsed(line)) is not None]
        if documents and documents[0] == self._options:
            yield from documents[1:]

    def _write(self, document: dict[str, Any]) -> None:
        if self._file is not None:
            self._file.write(json.dumps(document) + "\n")
            self._file.flush()


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        document: dict[str, Any] = json.loads(line)
    except ValueError:
        return None  # broken off in the middle of a line
    return document


def _version(path: Path) -> list[int]:
    """Size and time of a file: other numbers mean another photo."""
    try:
        status = path.stat()
    except OSError:
        return []
    return [status.st_size, status.st_mtime_ns]


def write_whole(path: Path, lines: Iterable[str]) -> None:
    """Write a file so that it appears with all its lines or not at all."""
    part = path.with_name(f"{path.name}.part")
    with part.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)
    part.replace(path)

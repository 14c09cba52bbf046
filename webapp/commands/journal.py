"""What a call of ``agelens analyze --out`` has done so far, so that the next one can resume."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from webapp.commands.photo_files import AnalyzeOptions, Outcome
from webapp.errors import AgelensError
from webapp.results.schema import Choices, Record
from webapp.results.store.errors import UnreadableRecord
from webapp.vision.types import Analysis

FORMAT = 2
"""Version of the journal's format; the first journals had none."""


class UnreadableJournal(AgelensError):
    """A journal is damaged, or of another version of agelens."""


class Journal:
    """A file beside the output with one line per analysed photo; deleted when all are done.

    Failed photos are not in it, so they are tried again. If the options or a photo's file have
    changed, its entry does not count.

    Reading and beginning raise UnreadableJournal where the file is no journal of this version.
    """

    def __init__(self, out: Path, options: AnalyzeOptions) -> None:
        self._path = out.with_name(f"{out.name}.journal")
        chosen = {name: str(value) for name, value in asdict(options).items()}
        self._head = {"format": FORMAT, "options": chosen}
        self._file: IO[str] | None = None

    def read(self, paths: Iterable[Path]) -> dict[Path, Outcome]:
        """The journal's entries for these photos."""
        try:
            entries = {entry["path"]: entry for entry in self._entries()}
            found = ((path, entries.get(str(path))) for path in paths)
            return {
                path: Outcome(path, Record.from_json(entry["record"]).analysis)
                for path, entry in found
                if entry is not None and entry["stamp"] == _stamp(path)
            }
        except (LookupError, TypeError, UnreadableRecord) as error:
            raise self._unreadable() from error

    def __enter__(self) -> None:
        if any(self._entries()):
            self._file = self._path.open("a", encoding="utf-8")
            self._file.write("\n")  # the line before may have been broken off
        else:
            self._file = self._path.open("w", encoding="utf-8")
            self._write(self._head)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, outcome: Outcome) -> None:
        """Add a photo, if it was analysed."""
        if isinstance(outcome.result, Analysis):
            # Nameless: the name of a file on a disk need not be Unicode.
            record = Record("", Choices(), outcome.result).to_json().decode()
            stamp = _stamp(outcome.path)
            self._write({"path": str(outcome.path), "stamp": stamp, "record": record})

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)

    def _entries(self) -> Iterator[dict[str, Any]]:
        """The lines after the first, if that one has the same options."""
        if not self._path.exists():
            return
        head, *lines = self._path.read_text("utf-8", errors="replace").splitlines() or [""]
        header = _parsed(head)
        if header is None and not lines:
            return  # broken off in its first line
        if not isinstance(header, dict) or header.get("format") != FORMAT:
            raise self._unreadable()
        if header == self._head:
            yield from (entry for line in lines if (entry := _parsed(line)) is not None)

    def _unreadable(self) -> UnreadableJournal:
        return UnreadableJournal(
            f"{self._path} is damaged or from another version of agelens; delete it to start over."
        )

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


def _stamp(path: Path) -> list[int]:
    """Size and time of a file: other numbers mean another photo."""
    try:
        status = path.stat()
    except OSError:
        return []
    return [status.st_size, status.st_mtime_ns]

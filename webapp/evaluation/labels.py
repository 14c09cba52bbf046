"""Labelled pictures: ``labels.csv`` or UTKFace's file names, in folders or tar files."""

import csv
import hashlib
import re
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import cast, get_args

from webapp.errors import AgelensError
from webapp.vision.types import GenderLabel

PICTURES = {".jpg", ".jpeg", ".png", ".webp"}

UTKFACE_NAME = re.compile(r"(\d{1,3})_([01])_([0-4])_\d+\D.*")
"""``age_gender_race_date.jpg``, as Zhang, Song and Qi 2017 name their files."""

UTKFACE_GENDERS: tuple[GenderLabel, GenderLabel] = ("male", "female")
UTKFACE_GROUPS = ("White", "Black", "Asian", "Indian", "Other")


class InvalidLabels(AgelensError):
    """Labels are missing or invalid; the message says where."""


@dataclass(frozen=True)
class Label:
    """The label of one picture. Ages are whole years, both ends included."""

    path: str
    youngest: int
    oldest: int
    gender: GenderLabel
    group: str | None = None
    # Who it is, where labels tell; only to keep all pictures of one person together.
    person: str | None = None
    # The set that it is from, where several are read together.
    origin: str | None = None

    @property
    def exact(self) -> bool:
        """Whether the age is known to the year."""
        return self.youngest == self.oldest

    @property
    def middle(self) -> float:
        """The middle of the age range in years."""
        return (self.youngest + self.oldest) / 2


@dataclass(frozen=True)
class LabelledSet:
    """Labels and access to their pictures."""

    name: str
    labels: tuple[Label, ...]
    _readers: Mapping[str, Callable[[], bytes]] = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """Eight hexadecimal digits that differ where the pictures' names do."""
        paths = "\n".join(label.path for label in self.labels)
        return hashlib.sha256(paths.encode()).hexdigest()[:8]

    def read(self, label: Label) -> bytes:
        """The file of a label. Raises InvalidLabels if there is none."""
        try:
            return self._readers[label.path]()
        except (KeyError, OSError) as error:
            raise InvalidLabels(f"{self.name}: there is no picture {label.path}") from error


def read_labelled_set(source: Path, root: Path | None = None) -> LabelledSet:
    """The labelled pictures of a folder or of a CSV file.

    A folder has a ``labels.csv``, or pictures with UTKFace's names. Pictures lie in ``root``
    (that folder, unless another is given) or in tar files there. Raises InvalidLabels.
    """
    table = source / "labels.csv" if source.is_dir() else source
    root = root or table.parent
    if not root.is_dir():
        raise InvalidLabels(f"{root} is no folder.")
    readers = dict(_readers(root))
    labels = tuple(_read_csv(table) if table.is_file() else _read_names(readers))
    if not labels:
        raise InvalidLabels(f"{source}: neither a labels.csv nor pictures with UTKFace's names.")
    return LabelledSet(root.resolve().name, labels, readers)


def joined(sets: Sequence[LabelledSet]) -> LabelledSet:
    """Several sets as one; paths start with the name of their set, which is the labels' origin."""
    if len(sets) == 1:
        return sets[0]
    labels = (
        replace(label, path=f"{one.name}/{label.path}", origin=one.name)
        for one in sets
        for label in one.labels
    )
    readers = {f"{one.name}/{path}": read for one in sets for path, read in one._readers.items()}
    return LabelledSet(" and ".join(one.name for one in sets), tuple(labels), readers)


def parse_range(text: str) -> tuple[int, int]:
    """``"25"`` is (25, 25) and ``"3-7"`` is (3, 7). Raises ValueError."""
    match = re.fullmatch(r"(\d{1,3})(?:-(\d{1,3}))?", text.strip())
    if match is None or int(match[2] or match[1]) < int(match[1]):
        raise ValueError(f"{text!r} is neither an age nor a range of ages")
    return int(match[1]), int(match[2] or match[1])


def _read_csv(table: Path) -> Iterator[Label]:
    with table.open(newline="", encoding="utf-8") as lines:
        rows = csv.DictReader(lines, restval="")
        try:
            for row in rows:
                yield _label(row)
        except (KeyError, ValueError, csv.Error) as error:
            raise InvalidLabels(f"{table}, line {rows.line_num}: {error}") from error


def _label(row: Mapping[str, str]) -> Label:
    if not row["path"]:
        raise ValueError("the path is missing")
    youngest, oldest = parse_range(_age(row))
    if row["gender"] not in get_args(GenderLabel):
        raise ValueError(f"{row['gender']!r} is neither female nor male")
    gender = cast("GenderLabel", row["gender"])
    group, person = row.get("group") or None, row.get("person") or None
    return Label(row["path"], youngest, oldest, gender, group, person)


def _age(row: Mapping[str, str]) -> str:
    if "age_low" in row:
        return f"{row['age_low']}-{row['age_high']}"
    return row.get("age") or row["age_bucket"]


def _read_names(readers: Mapping[str, Callable[[], bytes]]) -> Iterator[Label]:
    for path in sorted(readers):
        match = UTKFACE_NAME.fullmatch(Path(path).name)
        if match is not None:
            age, gender, group = (int(number) for number in match.groups())
            yield Label(path, age, age, UTKFACE_GENDERS[gender], UTKFACE_GROUPS[group])


def _readers(root: Path) -> Iterator[tuple[str, Callable[[], bytes]]]:
    for path in sorted(root.rglob("*")):
        if path.suffix.lower() in PICTURES:
            yield path.relative_to(root).as_posix(), path.read_bytes
        elif path.suffix == ".tar":
            yield from _tar_readers(path)


def _tar_readers(archive: Path) -> Iterator[tuple[str, Callable[[], bytes]]]:
    with tarfile.open(archive) as members:
        for member in members:
            if member.isfile():
                yield member.name, partial(_read_at, archive, member.offset_data, member.size)


def _read_at(archive: Path, offset: int, size: int) -> bytes:
    with archive.open("rb") as file:
        file.seek(offset)
        return file.read(size)

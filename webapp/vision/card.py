"""A model card: what a detector or network is, where its files are, and their SHA-256."""

import hashlib
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import msgspec

from webapp.vision.errors import InvalidCard, ModelFileCorrupt, ModelFileMissing
from webapp.vision.model_choice import TASKS, ModelChoice, Task

Kind = Literal["detector", "network"]

Measures = Mapping[str, float]
"""A number of faces, and figures by name: shares from 0 to 1, an age's error in years."""
Groups = Mapping[str, Measures]

CONVERTED = frozenset({"adience"})
"""Families whose published files are converted to ONNX once, at installation."""


class Wheel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file stored as a bytes literal in a package that is not itself installed."""

    # The requirement for pip, with its version, and the wheel's SHA-256.
    requirement: str
    sha256: str
    # The module in the wheel that assigns the literal.
    literal: str


class ModelFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of a detector or network. ``package`` is the installed package that has it, if any.

    A file with ``sources`` is made of those when they are installed. Its own hash is on no card: it
    stands, with those of its sources, in a file beside it (see ``sums_of``).
    """

    name: str
    path: str
    sha256: str
    package: str | None = None
    # Where the file can be downloaded, for files that are installed by the user.
    url: str | None = None
    # The task that needs the file; None where both do.
    task: Task | None = None
    sources: tuple["ModelFile", ...] = ()
    wheel: Wheel | None = None

    @property
    def published(self) -> "ModelFile":
        """The file as its authors publish it."""
        return self.sources[0] if self.sources else self


@dataclass(frozen=True)
class Accuracy:
    """The table ``[accuracy]``: measures over all faces and over groups of them; empty if nothing
    was measured.
    """

    # The faces measured on, and who measured if it was not us.
    data: str = ""
    overall: Measures = field(default_factory=dict)
    by_set: Groups = field(default_factory=dict)
    by_bucket: Groups = field(default_factory=dict)
    by_group: Groups = field(default_factory=dict)
    by_size: Groups = field(default_factory=dict)
    by_scenario: Groups = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """The contents of ``models/<name>/card.toml``; the mappings are its tables as they stand."""

    name: str
    kind: Kind = "network"
    title: str
    family: str
    tasks: tuple[Task, ...] = ()
    licence: str
    source: str
    summary: str
    version: str = "1"
    files: tuple[ModelFile, ...] = ()
    folder: Path = Path()
    input: Mapping[str, Any] = field(default_factory=dict)
    accuracy: Accuracy = field(default_factory=Accuracy)
    calibration: Mapping[str, Any] = field(default_factory=dict)
    # For a detector: its default settings.
    detection: Mapping[str, Any] = field(default_factory=dict)
    # For a card that combines other networks instead of having files: a name per task.
    combines: ModelChoice | None = None
    # The detector that a network is meant for, if any.
    detector: str | None = None

    def files_for(self, tasks: Collection[Task]) -> list[ModelFile]:
        """The files that these tasks need."""
        return [file for file in self.files if file.task is None or file.task in tasks]


def read_card(folder: Path) -> ModelCard:
    """Read ``card.toml`` in a model folder. Raises InvalidCard, saying what is wrong with it."""
    path = folder / "card.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        card = msgspec.convert(table, ModelCard)
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidCard(f"{path}: {error}") from error
    if card.name != folder.name:
        raise InvalidCard(f"{path}: the name is {card.name!r} but the folder is {folder.name!r}")
    files = tuple(_converted(card.files)) if card.family in CONVERTED else card.files
    return replace(card, folder=folder, files=files)


def read_cards(folders: Iterable[Path]) -> dict[str, ModelCard]:
    """The cards of all model folders in ``folders`` by name; a later one replaces an earlier one.

    Raises InvalidCard.
    """
    paths = (path for folder in folders for path in sorted(folder.glob("*/card.toml")))
    return {card.name: card for card in (read_card(path.parent) for path in paths)}


def _converted(files: Sequence[ModelFile]) -> Iterator[ModelFile]:
    """The ONNX files made of published weights; of Caffe's with their ``<name>-layers``."""
    by_name = {file.name: file for file in files}
    for file in files:
        if not file.name.endswith("-layers"):
            layers = by_name.get(f"{file.name}-layers")
            path = str(Path(file.path).with_suffix(".converted.onnx"))
            sources = (file,) if layers is None else (file, layers)
            yield ModelFile(file.name, path, "", task=file.task, sources=sources)


def locate(card: ModelCard, file: ModelFile, folders: Sequence[Path] = ()) -> Path:
    """Where a file is: in its package, in the card's folder, or in ``<folder>/<model's name>``.

    Raises ModelFileMissing, which names the file, its origin and how to install it.
    """
    if file.package is not None:
        candidates = [folder / file.path for folder in _package_folders(file.package)]
    else:
        candidates = [card.folder / file.path, *(f / card.name / file.path for f in folders)]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    wanted = file.published
    package = wanted.package or (wanted.wheel and wanted.wheel.requirement)
    origin = package or wanted.url or card.source
    raise ModelFileMissing(
        "%(name)s needs the file %(file)s, which comes from %(origin)s; "
        "install it with: agelens models install %(name)s",
        name=card.name,
        file=wanted.path,
        origin=origin,
    )


def _package_folders(package: str) -> list[Path]:
    """Where an installed package is. It is not imported: some bring TensorFlow along."""
    spec = find_spec(package)
    return [Path(folder) for folder in (spec and spec.submodule_search_locations) or ()]


def verified_files(
    card: ModelCard, folders: Sequence[Path] = (), tasks: Collection[Task] = TASKS
) -> dict[str, Path]:
    """The files that a detector, or a network for some tasks, needs, by their names, after the
    SHA-256 of each was found to be the card's.

    Raises ModelFileMissing or ModelFileCorrupt.
    """
    paths = {}
    for file in card.files_for(tasks):
        path = locate(card, file, folders)
        if not is_right(path, file):
            raise ModelFileCorrupt(
                "The file %(file)s of %(name)s is not the one on its card (its SHA-256 differs); "
                "install it again.",
                file=file.path,
                name=card.name,
            )
        paths[file.name] = path
    return paths


def is_right(path: Path, file: ModelFile) -> bool:
    """Whether a file's SHA-256 is the card's; for a converted file, the one noted beside it, and
    those of its sources the card's.
    """
    if not file.sources:
        return sha256_of(path) == file.sha256
    try:
        lines = sums_of(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return False
    return lines == sums(path, file)


def sums(path: Path, file: ModelFile) -> list[str]:
    """The notes beside a converted file, in the format of ``sha256sum``."""
    pairs = [(sha256_of(path), path.name), *((one.sha256, one.path) for one in file.sources)]
    return [f"{digest}  {name}" for digest, name in pairs]


def sums_of(path: Path) -> Path:
    """The file beside a converted one that holds its ``sums``."""
    return path.with_name(f"{path.name}.sha256")


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

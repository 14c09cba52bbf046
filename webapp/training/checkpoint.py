"""The state of a training run on disk, always complete: a killed run loses little."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from webapp.errors import AgelensError
from webapp.files import written_whole


class WrongCheckpoint(AgelensError):
    """The checkpoint in the work folder belongs to another network."""


Arrays = list[np.ndarray[Any, Any]]


@dataclass
class TrainingProgress:
    """The progress of a run."""

    # Batches seen.
    step: int = 0
    # The best validation score so far, and the step that reached it.
    best_score: float = float("inf")
    best_step: int = 0
    # Passes since then.
    epochs_without_gain: int = 0


@dataclass(frozen=True)
class Checkpoint:
    """TrainingProgress, the variables of network and optimizer, and the best weights so far."""

    progress: TrainingProgress
    variables: Arrays
    best: Arrays


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint; until it is complete, the previous one stays in place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as file:
        np.savez(
            file,
            progress=np.array(json.dumps(asdict(checkpoint.progress))),
            **_named("variable", checkpoint.variables),
            **_named("best", checkpoint.best),
        )


def load_checkpoint(path: Path) -> Checkpoint | None:
    """The checkpoint at ``path``, or None if there is none."""
    if not path.exists():
        return None
    with np.load(path) as arrays:
        progress = TrainingProgress(**json.loads(str(arrays["progress"])))
        return Checkpoint(progress, _list("variable", arrays), _list("best", arrays))


def _named(kind: str, arrays: Sequence[np.ndarray[Any, Any]]) -> dict[str, Any]:
    return {f"{kind}{index}": array for index, array in enumerate(arrays)}


def _list(kind: str, arrays: Any) -> Arrays:
    count = sum(name.startswith(kind) for name in arrays.files)
    return [arrays[f"{kind}{index}"] for index in range(count)]

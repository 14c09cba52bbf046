"""A checkpoint comes back as it was saved."""

from pathlib import Path

import numpy as np

from webapp.training.checkpoint import (
    Checkpoint,
    TrainingProgress,
    load_checkpoint,
    save_checkpoint,
)


def checkpoint(step: int) -> Checkpoint:
    arrays = [np.full((2, 3), step, np.float32), np.array(step)]
    return Checkpoint(TrainingProgress(step, 1.5, 3, 1), arrays, arrays[:1])


def test_a_checkpoint_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "run" / "checkpoint.npz"
    assert load_checkpoint(path) is None
    for step in (7, 8):
        save_checkpoint(path, checkpoint(step))
    loaded = load_checkpoint(path)
    assert loaded is not None
    assert loaded.progress == TrainingProgress(8, 1.5, 3, 1)
    for saved, back in zip(checkpoint(8).variables, loaded.variables, strict=True):
        np.testing.assert_array_equal(saved, back)
    assert len(loaded.best) == 1

"""The training loop: heads first, then all layers; with checkpoints and early stopping."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import keras
import numpy as np
import tensorflow as tf
from tqdm import tqdm

from webapp.training.batches import Batch, Batches
from webapp.training.checkpoint import (
    Checkpoint,
    TrainingProgress,
    WrongCheckpoint,
    load_checkpoint,
    save_checkpoint,
)
from webapp.training.faces import TrainingFaces
from webapp.training.losses import age_loss, gender_loss
from webapp.training.network import HEAD_LAYERS
from webapp.training.optimizer import build_optimizer
from webapp.training.recipe import Recipe
from webapp.training.validation import validate

Step = Callable[..., Any]


class Trainer:
    """Trains one network on some faces; ``folder`` gets checkpoint and logs.

    If ``folder`` has a checkpoint, training resumes there. Raises WrongCheckpoint if it belongs
    to another network.
    """

    def __init__(
        self, network: keras.Model, faces: TrainingFaces, recipe: Recipe, folder: Path
    ) -> None:
        self._network = network
        self._faces = faces
        self._recipe = recipe
        self._batches = Batches(faces, recipe)
        self._steps = (recipe.head_epochs + recipe.epochs) * self._batches.steps_per_epoch
        self._optimizer = build_optimizer(network, recipe, self._steps)
        self._checkpoint = folder / "checkpoint.npz"
        self._log = tf.summary.create_file_writer(str(folder / "logs"))
        self._progress = TrainingProgress()
        self._best = network.get_weights()
        self._restore()

    def run(self) -> TrainingProgress:
        """Train to the end, or until validation stops improving; restores the best weights."""
        head = self._step_function(lambda layer: layer.name in HEAD_LAYERS)
        whole = self._step_function(lambda layer: layer.trainable)
        saved = time.monotonic()
        first = self._progress.step
        head_steps = self._recipe.head_epochs * self._batches.steps_per_epoch
        bar = tqdm(total=self._steps, initial=first, desc="train", unit="batch")
        for batch in self._batches.from_step(first, self._steps if self._unfinished else first):
            self._learn(head if self._progress.step < head_steps else whole, batch, bar)
            if self._progress.step % self._batches.steps_per_epoch == 0 and not self._improving():
                break
            if time.monotonic() - saved > self._recipe.checkpoint_seconds:
                self._save()
                saved = time.monotonic()
        bar.close()
        self._save()
        self._network.set_weights(self._best)
        return self._progress

    def _learn(self, step: Step, batch: Batch, bar: Any) -> None:
        losses = step(batch.pictures, **vars(batch.targets))
        self._progress.step += 1
        bar.update()
        if self._progress.step % 20 == 0:
            age, gender = (float(loss) for loss in losses)
            bar.set_postfix(age=f"{age:.3f}", gender=f"{gender:.3f}")
            self._write({"loss/age": age, "loss/gender": gender})

    def _improving(self) -> bool:
        """Validate; remember the weights if they are the best so far; False: time to stop."""
        scores = validate(self._network, self._faces, self._recipe)
        self._write({f"validation/{name}": value for name, value in scores.items()})
        tqdm.write(f"step {self._progress.step}: " + ", ".join(
            f"{name} {value:.3f}" for name, value in scores.items()
        ))  # fmt: skip
        if scores["score"] < self._progress.best_score:
            self._progress.best_score = scores["score"]
            self._progress.best_step = self._progress.step
            self._progress.epochs_without_gain = 0
            self._best = self._network.get_weights()
        else:
            self._progress.epochs_without_gain += 1
        return self._unfinished

    @property
    def _unfinished(self) -> bool:
        return self._progress.epochs_without_gain < self._recipe.patience

    def _step_function(self, learns: Callable[[Any], bool]) -> Step:
        network, optimizer, recipe = self._network, self._optimizer, self._recipe
        variables = [
            variable
            for layer in network.layers
            if learns(layer)
            for variable in layer.trainable_variables
        ]

        @tf.function  # type: ignore[untyped-decorator] # TensorFlow has no types
        def step(pictures: Any, female: Any, **ages: Any) -> Any:
            with tf.GradientTape() as tape:
                said = network(tf.cast(pictures, tf.float32), training=True)
                age_part = tf.reduce_mean(age_loss(said["age"], **ages))
                gender_part = tf.reduce_mean(gender_loss(said["gender"], female))
                loss = age_part + recipe.gender_weight * gender_part
            gradients = tape.gradient(loss, [variable.value for variable in variables])
            optimizer.apply(gradients, variables)
            return age_part, gender_part

        return cast("Step", step)

    def _write(self, scalars: dict[str, float]) -> None:
        with self._log.as_default(step=self._progress.step):
            for name, value in scalars.items():
                tf.summary.scalar(name, value)

    def _variables(self) -> list[Any]:
        return [*self._network.variables, *self._optimizer.variables]

    def _save(self) -> None:
        arrays = [np.asarray(variable.numpy()) for variable in self._variables()]
        save_checkpoint(self._checkpoint, Checkpoint(self._progress, arrays, self._best))

    def _restore(self) -> None:
        checkpoint = load_checkpoint(self._checkpoint)
        if checkpoint is None:
            return
        variables = self._variables()
        saved = [array.shape for array in checkpoint.variables]
        if saved != [tuple(variable.shape) for variable in variables]:
            raise WrongCheckpoint(
                f"{self._checkpoint} is of another network; remove it or choose another --work."
            )
        self._progress, self._best = checkpoint.progress, checkpoint.best
        for variable, array in zip(variables, checkpoint.variables, strict=True):
            variable.assign(array)

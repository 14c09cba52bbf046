"""A whole training run: pictures, faces, training, calibration, model folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from webapp.evaluation.labels import read_labelled_set
from webapp.training.face_store import FaceStore, open_face_store
from webapp.training.recipe import Recipe
from webapp.vision.detectors.base import Detector

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class CardDetails:
    """The parts of the card that training cannot know."""

    title: str
    version: str
    licence: str
    summary: str


@dataclass(frozen=True)
class Job:
    """What to train on, how, and where to write."""

    sources: tuple[Path, ...]
    out: Path
    # Files of weights to start from, and the share of each in their mean; empty: random weights.
    initial: Mapping[Path, float]
    # A file of weights whose network says where in a range an age lies.
    teacher: Path | None
    # All cut the faces. The first decides what is a near-copy, the last is calibrated for.
    detectors: tuple[Detector, ...]
    # Checkpoint, logs and cut faces.
    work: Path
    recipe: Recipe
    about: CardDetails


def run(job: Job) -> None:
    """Train and write the model folder; resumes an earlier run with the same work folder."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from webapp.training.faces import TrainingFaces
    from webapp.training.trainer import Trainer

    faces = TrainingFaces.of(open_stores(job), job.recipe)
    network = _network(job)
    if job.teacher is not None:
        from webapp.training.initial import taught_by

        faces = replace(faces, taught=taught_by(job.teacher, faces, job.recipe))
    Trainer(network, faces, job.recipe, job.work).run()

    from webapp.training.model_folder import write_model_folder

    write_model_folder(job, network, faces)


def open_stores(job: Job) -> list[FaceStore]:
    """The faces of every source, detected and cropped unless that was done before."""
    return [
        open_face_store(labelled, job.detectors, job.recipe.side, job.work / "faces")
        for labelled in map(read_labelled_set, job.sources)
    ]


def _network(job: Job) -> keras.Model:
    import keras

    from webapp.training.initial import load_mean
    from webapp.training.network import build, freeze

    recipe = job.recipe
    keras.utils.set_random_seed(recipe.seed)
    keras.mixed_precision.set_global_policy(recipe.precision)
    network = build(recipe.side, recipe.dropout, recipe.width)
    if job.initial:
        load_mean(network, job.initial)
    freeze(network, recipe.frozen_blocks)
    return network

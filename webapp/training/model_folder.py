"""The result of a training run: a folder with the network, its card and its measured accuracy."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import tomli_w

from webapp.evaluation.accuracy import accuracy_table
from webapp.evaluation.answers import Answers
from webapp.files import write_whole
from webapp.training.calibration import calibrate
from webapp.training.export import to_onnx
from webapp.training.faces import TrainingFaces
from webapp.training.validation import answers_of
from webapp.vision.card import sha256_of
from webapp.vision.estimators.agelens import Calibration, Logits
from webapp.vision.inference import Network

if TYPE_CHECKING:
    import keras

    from webapp.training.run import Job

NETWORK = "network.onnx"
MIRROR = True
BATCH = 64

Table = dict[str, Any]


@dataclass(frozen=True)
class Finished:
    """A network after training, calibration and measurement."""

    job: Job
    faces: TrainingFaces
    network: Path
    calibration: Calibration
    answers: Answers


def write_model_folder(job: Job, network: keras.Model, faces: TrainingFaces) -> None:
    """Export a trained network, calibrate and measure it on the faces held back, write its card."""
    job.out.mkdir(parents=True, exist_ok=True)
    path = job.out / NETWORK
    _round_to_float16(network)
    write_whole(path, to_onnx(network).SerializeToString())
    logits = _logits(Network.load(path), faces, job.recipe.side)
    calibration = calibrate(logits, faces.validation_labels)
    said = answers_of(logits, faces.validation_labels, calibration)
    answers = replace(said, face_sizes=np.array(faces.sizes)[faces.validation])
    card = _card(Finished(job, faces, path, calibration, answers))
    write_whole(job.out / "card.toml", tomli_w.dumps(card).encode())


def _round_to_float16(network: keras.Model) -> None:
    """The file holds float16; rounding first makes the file the very same network."""
    network.set_weights(
        [weights.astype(np.float16).astype(np.float32) for weights in network.get_weights()]
    )


def _logits(network: Network, faces: TrainingFaces, side: int) -> Logits:
    parts = [
        Logits.of(network, list(crops), MIRROR)
        for crops in faces.crops(faces.validation, side, BATCH)
    ]
    return Logits(
        np.concatenate([part.age for part in parts]),
        np.concatenate([part.gender for part in parts]),
    )


def _card(finished: Finished) -> Table:
    job, recipe = finished.job, finished.job.recipe
    sets = " and ".join(dict.fromkeys(label.origin or "" for label in finished.faces.labels))
    initial = " and ".join(_named(path, share) for path, share in job.initial.items()) or "random"
    return {
        "name": job.out.name,
        "title": job.about.title,
        "family": "agelens",
        "version": job.about.version,
        "tasks": ["age", "gender"],
        "licence": job.about.licence,
        "source": f"agelens train, data {sets}, initial weights {initial}",
        "summary": job.about.summary,
        "input": {
            "size": recipe.side,
            "colour": "RGB",
            "crop": "agelens's canonical crop",
            "mirror": MIRROR,
        },
        "classes": {"age": "years 0 to 100", "gender": ["female", "male"]},
        "calibration": {
            name: value for name, value in asdict(finished.calibration).items() if value is not None
        },
        "training": {
            "training_faces": len(finished.faces.training),
            "validation_faces": len(finished.faces.validation),
            "detectors": [detector.name for detector in job.detectors],
            "initial_weights": initial,
            "teacher": job.teacher.name if job.teacher else "none",
            **asdict(recipe),
        },
        "accuracy": accuracy_table(finished.answers),
        "files": [{"name": "network", "path": NETWORK, "sha256": sha256_of(finished.network)}],
    }


def _named(initial: Path, share: float) -> str:
    name = f"{initial.parent.name}/{initial.name}" if initial.name == NETWORK else initial.name
    return f"{share:g} {name}"

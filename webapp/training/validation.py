"""Validation on the faces held back, in the few numbers that steer training."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from webapp.evaluation.answers import Answers
from webapp.evaluation.labels import Label
from webapp.evaluation.measures import values
from webapp.training.calibration import COVERAGE
from webapp.training.faces import TrainingFaces
from webapp.training.recipe import Recipe
from webapp.vision.buckets import expected_years, fold_years, intervals
from webapp.vision.estimators.agelens import Calibration, Logits

BATCH = 128

SCORE = {"age_error": 1.0, "gender": -50.0, "range_exact": -5.0}
"""Weights of the measures in the score that decides which weights are kept."""


def validate(network: keras.Model, faces: TrainingFaces, recipe: Recipe) -> dict[str, float]:
    """The mean of every measure; the smallest ``score`` decides which weights are kept."""
    said = answers_of(_logits(network, faces, recipe), faces.validation_labels, Calibration())
    means = {
        name: float(np.nanmean(all_values))
        for name, all_values in values(said).items()
        if not np.isnan(all_values).all()
    }
    score = sum(weight * means.get(name, 0.0) for name, weight in SCORE.items())
    return {**means, "score": score}


def answers_of(logits: Logits, labels: Sequence[Label], calibration: Calibration) -> Answers:
    """Answers for labelled faces from a network's outputs."""
    years = logits.years(calibration.age_temperature)
    return Answers(
        labels=tuple(labels),
        buckets=fold_years(years),
        years=expected_years(years),
        intervals=intervals(years, calibration.interval_mass or COVERAGE).astype(float),
        female=logits.female(calibration.gender_temperature),
        face_sizes=np.full(len(labels), np.nan),
    )


def _logits(network: keras.Model, faces: TrainingFaces, recipe: Recipe) -> Logits:
    ages, genders = [], []
    for crops in faces.crops(faces.validation, recipe.side, BATCH):
        said = network.predict_on_batch(crops.astype(np.float32))
        ages.append(np.asarray(said["age"], np.float32))
        genders.append(np.asarray(said["gender"], np.float32)[:, 0])
    return Logits(np.concatenate(ages), np.concatenate(genders))

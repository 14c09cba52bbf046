"""How good a network is on the faces held back, in the few numbers that steer training."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np
import numpy.typing as npt

from webapp.evaluation.labels import Label
from webapp.training.faces import Faces
from webapp.training.recipe import Recipe
from webapp.vision.buckets import bucket_index, expected_years, fold_years, lies_in_bucket

Floats = npt.NDArray[np.float32]

BATCH = 128


@dataclass(frozen=True)
class Logits:
    """What a network says of n faces: ``age`` (n, 101) and ``gender`` (n,), both logits."""

    age: Floats
    gender: Floats


def predict(network: keras.Model, faces: Faces, recipe: Recipe, mirror: bool = False) -> Logits:
    """The logits for the faces held back; with ``mirror`` those of the mirrored crops."""
    ages, genders = [], []
    for crops in faces.crops(faces.validation, recipe.side, BATCH):
        pictures = crops[:, :, ::-1] if mirror else crops
        said = network.predict_on_batch(pictures.astype(np.float32))
        ages.append(np.asarray(said["age"], np.float32))
        genders.append(np.asarray(said["gender"], np.float32)[:, 0])
    return Logits(np.concatenate(ages), np.concatenate(genders))


def validate(network: keras.Model, faces: Faces, recipe: Recipe) -> dict[str, float]:
    """Named scores; ``score``, the smaller the better, decides which weights are kept."""
    labels = [faces.labels[index] for index in faces.validation]
    return scores(predict(network, faces, recipe), labels)


def scores(said: Logits, labels: list[Label]) -> dict[str, float]:
    """Mean absolute error in years and bucket accuracy for exact ages, range and gender accuracy."""
    pmf = np.exp(said.age - said.age.max(axis=1, keepdims=True))
    pmf /= pmf.sum(axis=1, keepdims=True)
    years = expected_years(pmf)
    exact = np.array([label.exact for label in labels])
    youngest = np.array([label.youngest for label in labels])
    oldest = np.array([label.oldest for label in labels])
    female = np.array([label.gender == "female" for label in labels])
    right = (said.gender > 0) == female
    measured = {"gender_error": 1 - float(right.mean())}
    if exact.any():
        measured["mae"] = float(np.abs(years - youngest)[exact].mean())
        inside_bucket = exact & np.array([lies_in_bucket(age) for age in youngest])
        buckets = np.array([bucket_index(age) for age in youngest[inside_bucket]])
        said_buckets = fold_years(pmf)[inside_bucket].argmax(axis=1)
        measured["bucket"] = float((said_buckets == buckets).mean())
        measured["gender"] = float(right[exact].mean())
    if not exact.all():
        inside = (years.round() >= youngest) & (years.round() <= oldest)
        measured["range"] = float(inside[~exact].mean())
        measured["range_gender"] = float(right[~exact].mean())
    measured["score"] = 50 * measured["gender_error"] + measured.get("mae", 0.0)
    measured["score"] += 5 * (1 - measured.get("range", 1.0))
    return measured

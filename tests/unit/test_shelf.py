"""Networks can be combined freely; each is loaded once, and only from the files it needs."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from webapp.vision.analyzer import Analyzer
from webapp.vision.buckets import BUCKETS
from webapp.vision.card import ModelCard, read_card
from webapp.vision.detectors.base import DetectionOptions
from webapp.vision.errors import InvalidCard, ModelFileMissing, UnknownModel
from webapp.vision.estimators.pair import PairedEstimator
from webapp.vision.photo import Photo
from webapp.vision.shelf import Families, Files, Shelf
from webapp.vision.types import (
    AgeEstimate,
    Box,
    Detection,
    Estimate,
    GenderEstimate,
    Pixels,
)

OLD = AgeEstimate(dict.fromkeys(BUCKETS, 0.0) | {"60-100": 1.0})
FEMALE = GenderEstimate(0.9)


@dataclass(frozen=True, eq=False)
class Fake:
    """A network that gives one answer whatever it sees, in crops of its own size."""

    name: str
    answer: Any
    size: int

    def crops(self, _photo: Photo, faces: Sequence[Detection]) -> list[Pixels]:
        return [np.zeros((self.size, self.size, 3), np.uint8) for _ in faces]

    def estimate(self, crops: Sequence[Pixels]) -> list[Any]:
        return [self.answer for _ in crops]


class Builders:
    """Families that remember what they built, and from which files."""

    def __init__(self) -> None:
        self.built: list[tuple[str, list[str]]] = []

    def families(self) -> Families:
        return Families(
            whole={"whole": self.builder(Estimate(OLD, FEMALE), 8)},
            age={"split": self.builder(OLD, 4)},
            gender={"split": self.builder(FEMALE, 2)},
        )

    def builder(self, answer: Any, size: int) -> Any:
        def build(card: ModelCard, files: Files) -> Fake:
            self.built.append((card.name, sorted(files)))
            return Fake(card.name, answer, size)

        return build


def card(folder: Path, name: str, family: str, text: str = "") -> ModelCard:
    (folder / name).mkdir()
    head = (
        f'name = "{name}"\nfamily = "{family}"\ntitle = ""\ntasks = ["age", "gender"]\n'
        'licence = ""\nsource = "nowhere"\nsummary = ""\n'
    )
    files = "".join(
        f'[[files]]\nname = "{task}"\ntask = "{task}"\npath = "{task}.bin"\n'
        f'sha256 = "{hashlib.sha256(task.encode()).hexdigest()}"\n'
        for task in ("age", "gender")
    )
    (folder / name / "card.toml").write_text(head + (text or files))
    return read_card(folder / name)


@pytest.fixture
def builders() -> Builders:
    return Builders()


@pytest.fixture
def shelf(tmp_path: Path, builders: Builders) -> Shelf:
    """``both`` does both tasks; ``two`` has a network each; of ``young`` only age is installed."""
    cards = [
        card(tmp_path, "both", "whole"),
        card(tmp_path, "two", "split"),
        card(tmp_path, "young", "split"),
        card(tmp_path, "mixed", "none", '[combines]\nage = "young"\ngender = "two"\n'),
        card(tmp_path, "strange", "unheard-of"),
    ]
    for name, tasks in {"both": "age gender", "two": "age gender", "young": "age"}.items():
        for task in tasks.split():
            (tmp_path / name / f"{task}.bin").write_text(task)
    return Shelf({one.name: one for one in cards}, builders.families())


def examine(estimator: Any) -> Any:
    class OneFace:
        name = "fake"

        def detect(self, _photo: Photo, _options: DetectionOptions) -> list[Detection]:
            return [Detection(Box(0, 0, 4, 4), 1.0)]

    return Analyzer(OneFace(), estimator).examine(Photo.of(np.zeros((9, 9, 3), np.uint8)))


def test_age_and_gender_come_from_the_networks_named(shelf: Shelf) -> None:
    examination = examine(shelf.estimator("age=two,gender=both"))
    assert examination.analysis.model == "age=two,gender=both"
    assert examination.analysis.models.gender == "both"
    assert examination.analysis.faces[0].age == OLD
    assert examination.analysis.faces[0].gender == FEMALE
    assert examination.crops[0].shape == (4, 4, 3)
    assert examination.gender_crops[0].shape == (8, 8, 3)


def test_a_network_for_both_tasks_is_asked_once(shelf: Shelf) -> None:
    examination = examine(shelf.estimator("both"))
    assert examination.analysis.model == "both"
    assert examination.gender_crops == ()


def test_a_combination_with_a_name_tells_its_networks(shelf: Shelf) -> None:
    estimator = shelf.estimator("mixed")
    assert isinstance(estimator, PairedEstimator)
    assert estimator.name == "age=young,gender=two"


def test_each_network_is_loaded_once_and_from_its_own_files_only(
    shelf: Shelf, builders: Builders
) -> None:
    for model in ("mixed", "two", "age=young,gender=both", "both", "age=both,gender=two"):
        shelf.estimator(model)
    assert sorted(builders.built) == [
        ("both", ["age", "gender"]),
        ("two", ["age"]),
        ("two", ["gender"]),
        ("young", ["age"]),
    ]


def test_what_is_missing_is_told_for_the_tasks_that_are_asked_of_a_network(shelf: Shelf) -> None:
    assert shelf.missing("mixed") is None
    assert "gender.bin" in (shelf.missing("young") or "")
    with pytest.raises(ModelFileMissing, match="agelens models install young"):
        shelf.estimator("young")


@pytest.mark.parametrize("model", ["nobody", "age=nobody,gender=two", "age=mixed,gender=two"])
def test_unknown_networks_are_refused_with_a_sentence(shelf: Shelf, model: str) -> None:
    with pytest.raises(UnknownModel):
        shelf.estimator(model)


@pytest.mark.parametrize("model", ["strange", "age=strange,gender=two", "age=two,gender=strange"])
def test_a_card_of_no_known_family_is_refused(shelf: Shelf, model: str) -> None:
    with pytest.raises(InvalidCard, match="unheard-of"):
        shelf.estimator(model)

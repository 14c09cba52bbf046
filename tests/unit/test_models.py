"""Networks combine freely; each is loaded once, only from checked files, holding up no other."""

import hashlib
import pickle
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lz4.frame
import numpy as np
import pytest

from webapp.assets import directory
from webapp.vision.analyzer import Analyzer
from webapp.vision.buckets import BUCKETS
from webapp.vision.card import ModelCard, read_card, read_cards
from webapp.vision.detectors.base import DetectionOptions, DetectionSettings
from webapp.vision.errors import (
    InvalidCard,
    ModelFileCorrupt,
    ModelFileMissing,
    UnknownDetector,
    UnknownModel,
)
from webapp.vision.estimators.pair import PairedEstimator
from webapp.vision.loaders import LOADERS, Files, Loaders
from webapp.vision.model_choice import ModelChoice
from webapp.vision.models import Defaults, ModelRegistry
from webapp.vision.photo import Photo
from webapp.vision.types import AgeEstimate, Box, Detection, Estimate, GenderEstimate, Pixels

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


@dataclass(frozen=True)
class OneFace:
    """Finds one face wherever it looks."""

    name: str
    settings = DetectionSettings()

    def detect(self, _photo: Photo, _options: DetectionOptions) -> list[Detection]:
        return [Detection(Box(0, 0, 4, 4), 1.0)]


class Builders:
    """Loaders that remember what they loaded, and from which files."""

    def __init__(self) -> None:
        self.built: list[tuple[str, list[str]]] = []

    def loaders(self) -> Loaders:
        return Loaders(
            detectors={"finder": lambda card, _files: OneFace(card.name)},
            both={"whole": self.builder(Estimate(OLD, FEMALE), 8)},
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
def registry(tmp_path: Path, builders: Builders) -> ModelRegistry:
    """``both`` does both tasks; ``two`` has a network each; of ``young`` only age is installed."""
    cards = [
        card(tmp_path, "finder", "finder", 'kind = "detector"\n'),
        card(tmp_path, "both", "whole"),
        card(tmp_path, "two", "split"),
        card(tmp_path, "young", "split"),
        card(tmp_path, "mixed", "none", '[combines]\nage = "young"\ngender = "two"\n'),
        card(tmp_path, "strange", "unheard-of"),
    ]
    for name, tasks in {"both": "age gender", "two": "age gender", "young": "age"}.items():
        for task in tasks.split():
            (tmp_path / name / f"{task}.bin").write_text(task)
    named = {one.name: one for one in cards}
    return ModelRegistry(named, (), Defaults("finder", "both"), builders.loaders())


def examine(estimator: Any) -> Any:
    return Analyzer(OneFace("fake"), estimator).examine(Photo.of(np.zeros((9, 9, 3), np.uint8)))


def test_age_and_gender_come_from_the_networks_named(registry: ModelRegistry) -> None:
    examination = examine(registry.estimator("age=two,gender=both"))
    assert examination.analysis.model == "age=two,gender=both"
    assert examination.analysis.models.gender == "both"
    assert examination.analysis.faces[0].age == OLD
    assert examination.analysis.faces[0].gender == FEMALE
    assert examination.crops.age[0].shape == (4, 4, 3)
    assert examination.crops.gender[0].shape == (8, 8, 3)


def test_a_network_for_both_tasks_is_asked_once(registry: ModelRegistry) -> None:
    examination = examine(registry.estimator("both"))
    assert examination.analysis.model == "both"
    assert not examination.crops.gender


def test_a_combination_with_a_name_tells_its_networks(registry: ModelRegistry) -> None:
    estimator = registry.estimator("mixed")
    assert isinstance(estimator, PairedEstimator)
    assert estimator.name == "age=young,gender=two"


def test_each_network_is_loaded_once_and_from_its_own_files_only(
    registry: ModelRegistry, builders: Builders
) -> None:
    for model in ("mixed", "two", "age=young,gender=both", "both", "age=both,gender=two"):
        registry.estimator(model)
    assert sorted(builders.built) == [
        ("both", ["age", "gender"]),
        ("two", ["age"]),
        ("two", ["gender"]),
        ("young", ["age"]),
    ]


def test_what_is_missing_is_told_for_the_tasks_that_are_asked_of_a_network(
    registry: ModelRegistry,
) -> None:
    assert registry.missing("mixed") is None
    assert "gender.bin" in str(registry.missing("young"))
    with pytest.raises(ModelFileMissing, match="agelens models install young"):
        registry.estimator("young")


@pytest.mark.parametrize("model", ["nobody", "age=nobody,gender=two", "age=mixed,gender=two"])
def test_unknown_networks_are_refused_with_a_sentence(registry: ModelRegistry, model: str) -> None:
    with pytest.raises(UnknownModel):
        registry.estimator(model)


@pytest.mark.parametrize("model", ["strange", "age=strange,gender=two", "age=two,gender=strange"])
def test_a_card_of_no_known_family_is_refused(registry: ModelRegistry, model: str) -> None:
    with pytest.raises(InvalidCard, match="unheard-of"):
        registry.estimator(model)


def test_checking_a_choice_loads_nothing(registry: ModelRegistry, builders: Builders) -> None:
    registry.check()
    registry.check("finder", "age=two,gender=both")
    assert builders.built == []
    for detector, model, error in (
        ("nobody", "both", UnknownDetector),
        ("finder", "nobody", UnknownModel),
        ("finder", "young", ModelFileMissing),
    ):
        with pytest.raises(error):
            registry.check(detector, model)


def test_while_one_network_is_loaded_another_can_be_had(tmp_path: Path) -> None:
    """And whoever asks for the one that is being loaded waits for it instead of loading it too."""
    loading, go_on = threading.Event(), threading.Event()
    loads = []

    def slowly(card: ModelCard, _files: Files) -> Fake:
        loads.append(card.name)
        loading.set()
        assert go_on.wait(10)
        return Fake(card.name, None, 1)

    loaders = Loaders({"finder": lambda card, _: OneFace(card.name)}, {"slow": slowly})
    loaders.both["quick"] = lambda card, _: Fake(card.name, None, 1)  # type: ignore[index]
    cards = [card(tmp_path, name, name, "files = []") for name in ("slow", "quick")]
    cards.append(card(tmp_path, "finder", "finder", 'kind = "detector"\n'))
    named = {one.name: one for one in cards}
    registry = ModelRegistry(named, (), Defaults("finder", "quick"), loaders)
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(registry.estimator, "slow") for _ in range(2)]
        assert loading.wait(10)
        assert pool.submit(registry.analyzer).result(10) is not None
        assert not any(one.done() for one in waiting)
        go_on.set()
        first, second = (one.result(10) for one in waiting)
    assert first is second
    assert loads == ["slow"]


def test_every_shipped_card_is_read_and_its_family_known() -> None:
    cards = read_cards([directory("models")])
    families = {*LOADERS.detectors, *LOADERS.both, *LOADERS.age}
    assert {one.family for one in cards.values() if one.combines is None} <= families
    assert {one.name for one in cards.values() if one.kind == "detector"} == set(LOADERS.detectors)


def test_a_pickle_of_mtcnn_is_not_opened_unless_it_is_the_one_on_the_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would run whatever it says."""
    weights = tmp_path / "mtcnn" / "assets" / "weights"
    weights.mkdir(parents=True)
    (tmp_path / "mtcnn" / "__init__.py").write_text("raise AssertionError('imported')")
    for name in ("pnet", "rnet", "onet"):
        (weights / f"{name}.lz4").write_bytes(lz4.frame.compress(pickle.dumps(Mine(tmp_path))))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "mtcnn", raising=False)  # another test may have imported it
    with pytest.raises(ModelFileCorrupt, match=r"pnet\.lz4 of mtcnn"):
        ModelRegistry(read_cards([directory("models")])).detector("mtcnn")
    assert not (tmp_path / "ran").exists()


class Mine:
    """Leaves a trace where it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> Any:
        return Path.touch, (self.folder / "ran",)


@pytest.mark.parametrize("text", ["a", "age=a,gender=b", "gender=b,age=a", " age=a, gender=b"])
def test_one_name_stands_for_both_tasks_and_two_are_told_by_their_tasks(text: str) -> None:
    choice = ModelChoice.parse(text)
    assert choice == ModelChoice(age="a", gender="a" if text == "a" else "b")
    assert str(choice) == ("a" if text == "a" else "age=a,gender=b")


@pytest.mark.parametrize(
    "text",
    ["age=a", "age=,gender=b", "age=a,age=b", "age=a,gender=b,mood=c", "age=a,b", "=", "mood=a"],
)
def test_a_choice_of_another_form_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(UnknownModel, match="age=NAME,gender=NAME"):
        ModelChoice.parse(text)

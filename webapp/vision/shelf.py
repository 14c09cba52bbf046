"""Networks from their cards: each loaded once, for both tasks or for one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TypeVar

from webapp.vision.card import ModelCard, locate, verified_files
from webapp.vision.errors import InvalidCard, ModelFileMissing, UnknownModel
from webapp.vision.estimators.base import Estimator, Predictor
from webapp.vision.estimators.pair import AgeOf, GenderOf, PairedEstimator
from webapp.vision.model_choice import TASKS, ModelChoice, Task
from webapp.vision.types import AgeEstimate, GenderEstimate

Files = dict[str, Path]
Part = TypeVar("Part")


@dataclass(frozen=True)
class Families:
    """How the networks of each family are built from a card and its verified files."""

    # Families whose networks do both tasks in one go.
    whole: Mapping[str, Callable[[ModelCard, Files], Estimator]]
    # Families with a network for each task.
    age: Mapping[str, Callable[[ModelCard, Files], Predictor[AgeEstimate]]] = field(
        default_factory=dict
    )
    gender: Mapping[str, Callable[[ModelCard, Files], Predictor[GenderEstimate]]] = field(
        default_factory=dict
    )


class Shelf:
    """Every network by name. ``folders`` hold ``<name>/<file>`` for files that users install."""

    def __init__(
        self, cards: Mapping[str, ModelCard], families: Families, folders: Sequence[Path] = ()
    ) -> None:
        self._cards = cards
        self._families = families
        self._folders = folders
        self._lock = Lock()
        self._wholes: dict[str, Estimator] = {}
        self._ages: dict[str, Predictor[AgeEstimate]] = {}
        self._genders: dict[str, Predictor[GenderEstimate]] = {}

    @property
    def cards(self) -> Mapping[str, ModelCard]:
        """Every network's card by its name."""
        return self._cards

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all networks."""
        return tuple(self._cards)

    def choice(self, model: str) -> ModelChoice:
        """The networks for the two tasks that a name or ``age=NAME,gender=NAME`` stands for.

        Raises UnknownModel.
        """
        choice = ModelChoice.parse(model)
        if choice.age == choice.gender:
            return self._card(choice.age).combines or choice
        for name in (choice.age, choice.gender):
            if self._card(name).combines is not None:
                raise UnknownModel(f"“{name}” is a combination itself; name one of its networks.")
        return choice

    def estimator(self, model: str) -> Estimator | PairedEstimator:
        """Load what ``choice`` says. Raises UnknownModel, InvalidCard, ModelFileMissing or
        ModelFileCorrupt.
        """
        choice = self.choice(model)
        card = self._card(choice.age)
        with self._lock:
            if choice.age == choice.gender and card.family in self._families.whole:
                return self._whole(card)
            return PairedEstimator(self._age(choice.age), self._gender(choice.gender))

    def missing(self, model: str) -> str | None:
        """The sentence about the first missing file of a model; None where all are there."""
        choice = self.choice(model)
        tasks: tuple[tuple[str, Task], ...] = ((choice.age, "age"), (choice.gender, "gender"))
        try:
            for name, task in tasks:
                card = self._card(name)
                for file in card.files_for((task,)):
                    locate(card, file, self._folders)
        except ModelFileMissing as error:
            return str(error)
        return None

    def _card(self, name: str) -> ModelCard:
        if name not in self._cards:
            known = ", ".join(self._cards)
            raise UnknownModel(f"There is no network “{name}”; choose one of {known}.")
        return self._cards[name]

    def _whole(self, card: ModelCard) -> Estimator:
        return self._load(self._wholes, self._families.whole, card)

    def _age(self, name: str) -> Predictor[AgeEstimate]:
        card = self._card(name)
        if card.family in self._families.whole:
            return AgeOf(self._whole(card))
        return self._load(self._ages, self._families.age, card, "age")

    def _gender(self, name: str) -> Predictor[GenderEstimate]:
        card = self._card(name)
        if card.family in self._families.whole:
            return GenderOf(self._whole(card))
        return self._load(self._genders, self._families.gender, card, "gender")

    def _load(
        self,
        loaded: dict[str, Part],
        builders: Mapping[str, Callable[[ModelCard, Files], Part]],
        card: ModelCard,
        task: Task | None = None,
    ) -> Part:
        if card.name not in loaded:
            if card.family not in builders:
                raise InvalidCard(f"{card.name}: there is no network family {card.family!r}")
            tasks = TASKS if task is None else (task,)
            files = verified_files(card, self._folders, tasks)
            loaded[card.name] = builders[card.family](card, files)
        return loaded[card.name]

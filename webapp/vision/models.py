"""Every detector and network by name: its card, its checked files, and the loaded object."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from webapp.vision.analyzer import Analyzer
from webapp.vision.card import ModelCard, ModelFile, locate, verified_files
from webapp.vision.detectors.base import Detector
from webapp.vision.errors import InvalidCard, ModelFileMissing, UnknownDetector, UnknownModel
from webapp.vision.estimators.base import Estimator, Predictor
from webapp.vision.estimators.pair import PairedEstimator, PartOf
from webapp.vision.loaders import LOADERS, Load, Loaders
from webapp.vision.model_choice import TASKS, ModelChoice, Task
from webapp.vision.types import AgeEstimate, GenderEstimate

Loaded = TypeVar("Loaded")

PREFERRED = ("retinaface", "mtcnn")
"""Default detectors, best first."""


class _Once(Generic[Loaded]):
    """Loads on first use, under its own lock: loading one never blocks another."""

    def __init__(self, load: Callable[[], Loaded]) -> None:
        self._load = load
        self._lock = Lock()
        self._loaded: Loaded | None = None

    def get(self) -> Loaded:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded


@dataclass(frozen=True)
class Defaults:
    """The defaults; without a detector, the first of ``PREFERRED`` whose files are installed."""

    detector: str | None = None
    model: str = "agelens"


class ModelRegistry:
    """Detectors and networks, each loaded once and shared by a process's threads.

    ``cards`` maps names to cards; ``folders`` hold ``<name>/<file>`` for files that users install.
    Creating it loads nothing. Raises UnknownDetector or UnknownModel if a default has no card.
    """

    def __init__(
        self,
        cards: Mapping[str, ModelCard],
        folders: Sequence[Path] = (),
        defaults: Defaults | None = None,
        loaders: Loaders = LOADERS,
    ) -> None:
        self.cards = cards
        self.folders = folders
        self._defaults = defaults or Defaults()
        detectors = [card for card in cards.values() if card.kind == "detector"]
        networks = [card for card in cards.values() if card.kind == "network"]
        both = [card for card in networks if card.family in loaders.both]
        self._detectors = self._each(loaders.detectors, detectors)
        self._models = [card.name for card in networks]
        self._both = self._each(loaders.both, both)
        self._ages = self._each(loaders.age, networks, "age")
        self._genders = self._each(loaders.gender, networks, "gender")
        if self._defaults.detector is not None:
            self._known_detector(self._defaults.detector)
        self.choice(self._defaults.model)

    @property
    def detectors(self) -> tuple[str, ...]:
        """Names of the detectors, the default first; files of others may be missing."""
        return _first(self._default_detector(), self._detectors)

    @property
    def usable_detectors(self) -> tuple[str, ...]:
        """The same without those whose files are missing."""
        return tuple(name for name in self.detectors if self.missing(name) is None)

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the networks, the default first."""
        return _first(self._defaults.model, self._models)

    def analyzer(self, detector: str | None = None, model: str | None = None) -> Analyzer:
        """The analyzer of two names; None means the default. ``model`` is one name, or
        ``age=NAME,gender=NAME`` for two networks.

        Raises UnknownDetector, UnknownModel, InvalidCard, ModelFileMissing or ModelFileCorrupt.
        """
        version = self._version(model or self._defaults.model)
        detector = detector or self._default_detector(model)
        return Analyzer(self.detector(detector), self.estimator(model), version)

    def check(self, detector: str | None = None, model: str | None = None) -> None:
        """Check that two names can be used. Loads nothing. Raises UnknownDetector, UnknownModel or
        ModelFileMissing.
        """
        name = self._known_detector(detector or self._default_detector(model))
        for chosen in (name, model or self._defaults.model):
            for card, file in self.files(chosen):
                locate(card, file, self.folders)

    def missing(self, name: str) -> ModelFileMissing | None:
        """The error about the first missing file of a detector or a choice of networks, or None.
        Files installed in the meantime are found.
        """
        try:
            for card, file in self.files(name):
                locate(card, file, self.folders)
        except ModelFileMissing as error:
            return error
        return None

    def files(self, name: str) -> Iterator[tuple[ModelCard, ModelFile]]:
        """Every file that a detector or a choice of networks needs, with its card.

        Raises UnknownModel.
        """
        parts: list[tuple[str, Sequence[Task]]] = [(name, TASKS)]
        if name not in self._detectors:
            choice = self.choice(name)
            parts = [(choice.age, ("age",)), (choice.gender, ("gender",))]
            if choice.age == choice.gender:
                parts = [(choice.age, TASKS)]
        for card, tasks in ((self.cards[part], tasks) for part, tasks in parts):
            yield from ((card, file) for file in card.files_for(tasks))

    def detector(self, name: str | None = None) -> Detector:
        """The detector of a name; None means the default. Raises what ``analyzer`` raises."""
        return self._detectors[self._known_detector(name or self._default_detector())].get()

    def estimator(self, model: str | None = None) -> Estimator | PairedEstimator:
        """The network or the two that ``choice`` names. Raises what ``analyzer`` raises."""
        choice = self.choice(model or self._defaults.model)
        if choice.age == choice.gender and choice.age in self._both:
            return self._both[choice.age].get()
        return PairedEstimator(self._age(choice.age), self._gender(choice.gender))

    def choice(self, model: str) -> ModelChoice:
        """The networks that a name or ``age=NAME,gender=NAME`` stands for.

        Raises UnknownModel.
        """
        choice = ModelChoice.parse(model)
        if choice.age == choice.gender:
            return self._network(choice.age).combines or choice
        for name in (choice.age, choice.gender):
            if self._network(name).combines is not None:
                raise UnknownModel(
                    "“%(name)s” is itself a combination; name one of its networks.", name=name
                )
        return choice

    def _default_detector(self, model: str | None = None) -> str:
        """The settings' detector, the one the network is meant for, or the best installed."""
        if self._defaults.detector is not None:
            return self._defaults.detector
        card = self.cards.get(model or self._defaults.model)
        if card is not None and card.detector is not None:
            return card.detector
        known = [name for name in PREFERRED if name in self._detectors] or list(self._detectors)
        return next((name for name in known if self.missing(name) is None), known[-1])

    def _known_detector(self, name: str) -> str:
        if name not in self._detectors:
            known = ", ".join(self._detectors)
            raise UnknownDetector(
                "There is no detector “%(name)s”; choose one of %(known)s.", name=name, known=known
            )
        return name

    def _network(self, name: str) -> ModelCard:
        if name not in self._models:
            known = ", ".join(self._models)
            raise UnknownModel(
                "There is no network “%(name)s”; choose one of %(known)s.", name=name, known=known
            )
        return self.cards[name]

    def _version(self, model: str) -> str:
        """The version on the network's card, or ``age=1,gender=2`` for two networks."""
        names = ModelChoice.parse(model)
        return str(ModelChoice(*(self._network(n).version for n in (names.age, names.gender))))

    def _age(self, name: str) -> Predictor[AgeEstimate]:
        if name in self._both:
            return PartOf(self._both[name].get(), attrgetter("age"))
        return self._ages[name].get()

    def _gender(self, name: str) -> Predictor[GenderEstimate]:
        if name in self._both:
            return PartOf(self._both[name].get(), attrgetter("gender"))
        return self._genders[name].get()

    def _each(
        self, loads: Mapping[str, Load[Loaded]], cards: Iterable[ModelCard], *tasks: Task
    ) -> dict[str, _Once[Loaded]]:
        return {c.name: _Once(partial(self._load, loads, c, tasks or TASKS)) for c in cards}

    def _load(
        self, loads: Mapping[str, Load[Loaded]], card: ModelCard, tasks: Sequence[Task]
    ) -> Loaded:
        if card.family not in loads:
            raise InvalidCard(f"{card.name}: there is no family {card.family!r} of {card.kind}s")
        return loads[card.family](card, verified_files(card, self.folders, tasks))


def _first(name: str, names: Iterable[str]) -> tuple[str, ...]:
    return (name, *(other for other in names if other != name))

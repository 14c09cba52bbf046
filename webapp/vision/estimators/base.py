"""The interface of age and gender networks."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeVar

from webapp.vision.photo import Photo
from webapp.vision.types import Detection, Estimate, Pixels

Answer = TypeVar("Answer")


class Predictor(Protocol[Answer]):
    """Predicts something about faces. Safe to call from several threads."""

    @property
    def name(self) -> str:
        """The name of its folder in ``models/``."""
        ...

    def crops(self, photo: Photo, faces: Sequence[Detection]) -> list[Pixels]:
        """The exact crop of each face that the network sees: RGB ``uint8``, square."""
        ...

    def estimate(self, crops: Sequence[Pixels]) -> list[Answer]:
        """One answer per crop, in order, computed as one batch; ``crops`` come from ``crops()``."""
        ...


class Estimator(Predictor[Estimate], Protocol):
    """Predicts age and gender of faces from one crop each."""


class Crops(NamedTuple):
    """What the networks saw of each face of a photo: RGB ``uint8``, square."""

    # By the age network, or by the only one.
    age: Sequence[Pixels]
    # By the gender network, if it is a separate one.
    gender: Sequence[Pixels] = ()

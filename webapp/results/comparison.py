"""One photo through several detectors and networks, and which of them found which face."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.vision.detectors.base import DetectionOptions
from webapp.vision.models import ModelRegistry
from webapp.vision.photo import Photo
from webapp.vision.types import Analysis, Box, Face

SAME_FACE = 0.4
"""Least intersection over union of two boxes for the same face; detectors frame faces quite
differently."""


@dataclass(frozen=True)
class Contender:
    """A detector and a network, by their names."""

    detector: str
    model: str


@dataclass(frozen=True)
class ComparedFace:
    """One face of the photo: each contender's answer, or None if it did not find the face."""

    answers: tuple[Face | None, ...]

    @property
    def box(self) -> Box:
        """The box of the first contender that found it."""
        return next(face.box for face in self.answers if face is not None)


@dataclass(frozen=True)
class Comparison:
    """The analyses of one photo, one per contender, and the faces found by any of them."""

    analyses: tuple[Analysis, ...]
    faces: tuple[ComparedFace, ...]

    def only_found_by(self, detector: str) -> list[ComparedFace]:
        """The faces that no other detector found; none where there is no other."""
        detectors = {analysis.detector for analysis in self.analyses}
        if len(detectors) < 2:
            return []
        return [face for face in self.faces if self._finders(face) == {detector}]

    def _finders(self, face: ComparedFace) -> set[str]:
        pairs = zip(self.analyses, face.answers, strict=True)
        return {analysis.detector for analysis, answer in pairs if answer is not None}


def compare(
    photo: Photo,
    registry: ModelRegistry,
    contenders: Sequence[Contender],
    options: DetectionOptions | None = None,
) -> Comparison:
    """Analyse a photo with every contender in turn. Raises as ``ModelRegistry.analyzer``."""
    analyzers = [registry.analyzer(one.detector, one.model) for one in contenders]
    analyses = tuple(analyzer.analyze(photo, options) for analyzer in analyzers)
    return Comparison(analyses, _same_faces(analyses))


def _same_faces(analyses: Sequence[Analysis]) -> tuple[ComparedFace, ...]:
    """Group what the contenders found by overlap, each face of a contender in one group."""
    groups: list[list[Face | None]] = []
    for number, analysis in enumerate(analyses):
        for face in analysis.faces:
            group = _group_of(face, groups, number)
            if group is None:
                group = [None] * len(analyses)
                groups.append(group)
            group[number] = face
    return tuple(ComparedFace(tuple(group)) for group in groups)


def _group_of(face: Face, groups: list[list[Face | None]], number: int) -> list[Face | None] | None:
    """The group whose face overlaps most and that has none of this contender yet."""

    def overlap(group: list[Face | None]) -> float:
        return max(other.box.iou(face.box) for other in group if other is not None)

    free = [group for group in groups if group[number] is None]
    best = max(free, key=overlap, default=None)
    return best if best is not None and overlap(best) >= SAME_FACE else None

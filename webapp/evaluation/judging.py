"""Labelled pictures through a detector and a network."""

from __future__ import annotations

from collections.abc import Iterator

from webapp.evaluation.answers import Judged
from webapp.evaluation.labels import Label, LabelledSet
from webapp.vision.analyzer import Analyzer
from webapp.vision.decode import decode
from webapp.vision.detectors.base import DetectionOptions
from webapp.vision.errors import VisionError
from webapp.vision.types import Estimate

NO_FACE = "no face found"


def judge(labelled: LabelledSet, analyzer: Analyzer, options: DetectionOptions) -> Iterator[Judged]:
    """What the network says of every labelled picture, in order.

    Where a picture has several faces the largest is the labelled one. Raises InvalidLabels where a
    picture is missing; one that cannot be read, or in which no face is found, is told as such.
    """
    for label in labelled.labels:
        data = labelled.read(label)
        try:
            yield _judged(label, data, analyzer, options)
        except VisionError as error:
            yield Judged(label, None, problem=str(error))


def _judged(label: Label, data: bytes, analyzer: Analyzer, options: DetectionOptions) -> Judged:
    analysis = analyzer.analyze(decode(data), options)
    if not analysis.faces:
        return Judged(label, None, problem=NO_FACE)
    face = max(analysis.faces, key=lambda face: face.box.area)
    return Judged(label, Estimate(face.age, face.gender), max(face.box.width, face.box.height))

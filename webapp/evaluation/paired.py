"""Two networks on the same faces: what one gets right more often than the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from webapp.evaluation.answers import Answers, Judged
from webapp.evaluation.measures import Figure, by_class, classes, summary, values


@dataclass(frozen=True)
class Rival:
    """Another network's figures, and the differences: this network's values minus the rival's,
    paired face by face, over the faces that both answered for.
    """

    model: str
    overall: Mapping[str, Figure]
    differences: Mapping[str, Figure]
    differences_by: Mapping[str, Mapping[str, Mapping[str, Figure]]]


def rival(model: str, judged: Sequence[Judged], rivals: Sequence[Judged]) -> Rival:
    """Compare what two networks said of the same pictures, in the same order."""
    both = [
        (one, other)
        for one, other in zip(judged, rivals, strict=True)
        if one.estimate is not None and other.estimate is not None
    ]
    answers, others = Answers.of([one for one, _ in both]), Answers.of([other for _, other in both])
    ours, theirs = values(answers), values(others)
    differences = {name: ours[name] - theirs[name] for name in ours}
    everyone = np.ones(len(both), np.bool_)
    return Rival(
        model=model,
        overall=summary(theirs, everyone),
        differences=summary(differences, everyone),
        differences_by={
            way: by_class(differences, of_faces) for way, of_faces in classes(answers).items()
        },
    )

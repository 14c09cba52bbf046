"""All results of an evaluation."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from webapp.evaluation.answers import Answers, Judged
from webapp.evaluation.measures import (
    MEASURES,
    Figure,
    by_class,
    classes,
    confusion,
    summary,
    values,
)
from webapp.evaluation.reliability import Reliability, reliabilities
from webapp.vision.buckets import BUCKETS, bucket_index, lies_in_bucket

GENDERS = ("female", "male")
WORST = 24

Figures = Mapping[str, Figure]


@dataclass(frozen=True)
class EvaluationSetup:
    """What was evaluated."""

    data: str
    detector: str
    model: str
    # Whether each picture was taken to be one face crop.
    crops: bool


@dataclass(frozen=True)
class Mistake:
    """A picture with its label, the prediction, and the size of the error."""

    path: str
    label: str
    said: str
    size: float


@dataclass(frozen=True)
class Rival:
    """Another network's figures, and the differences: this network's values minus the rival's,
    paired face by face, over the faces that both answered for.
    """

    model: str
    overall: Figures
    differences: Figures
    differences_by: Mapping[str, Mapping[str, Figures]]


@dataclass(frozen=True)
class Report:
    """The figures of one evaluation.

    ``problems`` counts the pictures that got no answer, by reason. ``by`` maps each way of telling
    faces apart to its classes. Confusions have the true class as row. ``worst`` maps ``age`` and
    ``gender`` to the worst mistakes, the worst first. ``rival`` is what it is compared with.
    """

    about: EvaluationSetup
    pictures: int
    problems: Mapping[str, int]
    overall: Figures
    by: Mapping[str, Mapping[str, Figures]]
    bucket_confusion: list[list[int]]
    gender_confusion: list[list[int]]
    reliability: Mapping[str, Reliability]
    worst: Mapping[str, tuple[Mistake, ...]]
    rival: Rival | None = None

    def as_json(self) -> dict[str, Any]:
        """The same as plain lists and dictionaries, with the meaning of every measure."""
        return {"measures": MEASURES, "buckets": BUCKETS, "genders": GENDERS, **asdict(self)}


def build_report(
    about: EvaluationSetup, judged: Sequence[Judged], against: Rival | None = None
) -> Report:
    """Measure a network's answers for labelled pictures."""
    answers = Answers.of(judged)
    measured = values(answers)
    everyone = np.ones(len(answers.labels), bool)
    return Report(
        about=about,
        pictures=len(judged),
        problems=dict(Counter(one.problem for one in judged if one.problem is not None)),
        overall=summary(measured, everyone),
        by={way: by_class(measured, of_faces) for way, of_faces in classes(answers).items()},
        bucket_confusion=_bucket_confusion(answers),
        gender_confusion=_gender_confusion(answers),
        reliability=reliabilities(answers),
        worst={"age": _worst_ages(answers), "gender": _worst_genders(answers)},
        rival=against,
    )


def rival(model: str, judged: Sequence[Judged], rivals: Sequence[Judged]) -> Rival:
    """Compare two networks' answers for the same pictures, in the same order."""
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


def _in_buckets(answers: Answers) -> tuple[np.ndarray[Any, Any], list[int]]:
    """Indices of the faces whose exact age lies inside a bucket, and those buckets."""
    inside = [
        index
        for index, label in enumerate(answers.labels)
        if label.exact and lies_in_bucket(label.youngest)
    ]
    return np.array(inside, int), [bucket_index(answers.labels[i].youngest) for i in inside]


def _bucket_confusion(answers: Answers) -> list[list[int]]:
    inside, true = _in_buckets(answers)
    said = answers.buckets[inside].argmax(axis=1)
    return confusion(true, [int(bucket) for bucket in said], len(BUCKETS))


def _gender_confusion(answers: Answers) -> list[list[int]]:
    true = [GENDERS.index(label.gender) for label in answers.labels]
    return confusion(true, [int(female < 0.5) for female in answers.female], len(GENDERS))


def _worst_ages(answers: Answers) -> tuple[Mistake, ...]:
    """By the years between what was said and the nearest year of the label."""
    mistakes = []
    for label, years in zip(answers.labels, answers.years, strict=True):
        away = max(label.youngest - years, years - label.oldest, 0.0)
        labelled = f"{label.youngest}" if label.exact else f"{label.youngest}-{label.oldest}"
        mistakes.append(Mistake(label.path, labelled, f"{years:.0f}", round(float(away), 1)))
    return _largest(mistakes)


def _worst_genders(answers: Answers) -> tuple[Mistake, ...]:
    """By the probability that was given to the wrong one."""
    mistakes = []
    for label, female in zip(answers.labels, answers.female, strict=True):
        wrong = float(1 - female if label.gender == "female" else female)
        said = GENDERS[int(female < 0.5)]
        mistakes.append(Mistake(label.path, label.gender, said, round(wrong, 3)))
    return tuple(mistake for mistake in _largest(mistakes) if mistake.label != mistake.said)


def _largest(mistakes: list[Mistake]) -> tuple[Mistake, ...]:
    known = [mistake for mistake in mistakes if mistake.size > 0]
    return tuple(sorted(known, key=lambda mistake: mistake.size, reverse=True)[:WORST])

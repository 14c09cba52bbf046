"""What a person is told of an estimate, in the same few words on the page and in the picture."""

from __future__ import annotations

from webapp.vision.types import AgeEstimate

CERTAIN = 0.5
"""Below this probability one bucket alone would promise more than the network knows."""

NEARBY = 2
"""Buckets this many steps apart still make a range; further apart they are alternatives."""


def is_certain(age: AgeEstimate) -> bool:
    """Whether the most probable bucket has at least half of the probability."""
    return age.confidence >= CERTAIN


def age_in_words(age: AgeEstimate) -> str:
    """The bucket, or the two most probable ones where none has half of the probability.

    Nearby buckets are "between 15-20 and 25-32", others "0-2 or 60-100".
    """
    if is_certain(age):
        return age.bucket
    buckets = list(age.distribution)
    probable = sorted(buckets, key=age.distribution.__getitem__)[-2:]
    younger, older = sorted(probable, key=buckets.index)
    if buckets.index(older) <= buckets.index(younger) + NEARBY:
        return f"between {younger} and {older}"
    return f"{younger} or {older}"


def percentage(probability: float) -> str:
    """A probability as whole per cent that never claims certainty: 0.998 is ">99%"."""
    if probability > 0.995:
        return ">99%"
    if 0 < probability < 0.005:
        return "<1%"
    return f"{100 * probability:.0f}%"

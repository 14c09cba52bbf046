"""What a person is told of an estimate, in the same few words on the page and in the picture."""

from __future__ import annotations

from webapp.vision.types import AgeEstimate

CERTAIN = 0.5
"""Below this probability one bucket alone would promise more than the network knows."""


def is_certain(age: AgeEstimate) -> bool:
    """Whether the most probable bucket has at least half of the probability."""
    return age.confidence >= CERTAIN


def age_in_words(age: AgeEstimate) -> str:
    """The bucket, or "between 15-20 and 25-32" where none has half of the probability."""
    if is_certain(age):
        return age.bucket
    probable = sorted(age.distribution, key=age.distribution.__getitem__)[-2:]
    younger, older = (bucket for bucket in age.distribution if bucket in probable)
    return f"between {younger} and {older}"


def percentage(probability: float) -> str:
    """A probability as whole per cent, never rounded up to a certainty: 0.998 is "99%"."""
    rounded = round(100 * probability)
    return f"{99 if rounded == 100 and probability < 1 else rounded}%"

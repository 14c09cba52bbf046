"""Estimates in words, the same on pages and in pictures."""

from collections.abc import Callable

from webapp.vision.types import AgeEstimate, Analysis, Face

CERTAIN = 0.5
"""Below this probability, naming one bucket would claim more than the network knows."""

NEARBY = 2
"""Buckets this many steps apart still make a range; further apart they are alternatives."""


def is_certain(age: AgeEstimate) -> bool:
    """Whether the most probable bucket has at least half of the probability."""
    return age.confidence >= CERTAIN


def detection_in_words(face: Face) -> str:
    """How sure the detector was of a face, as "99 %", or who found it instead."""
    sure = face.detection_confidence
    return "by hand" if sure is None else percentage(sure)


def interval_in_words(age: AgeEstimate) -> str | None:
    """The years as "18 to 27" or "18"; None if the network gives no interval."""
    if age.interval is None:
        return None
    first, last = age.interval
    return f"{first} to {last}" if first < last else f"{first}"


def age_in_words(age: AgeEstimate) -> str:
    """The bucket, or the two most probable ones where none has half of the probability.

    Nearby buckets are "between 15-20 and 25-32", others "0-2 or 60-100".
    """
    if is_certain(age):
        return age.bucket
    younger, older = likeliest_two(age)
    return f"between {younger} and {older}" if is_range(age) else f"{younger} or {older}"


def likeliest_two(age: AgeEstimate) -> tuple[str, str]:
    """The two most probable buckets, the younger one first."""
    buckets = list(age.distribution)
    probable = sorted(buckets, key=age.distribution.__getitem__)[-2:]
    younger, older = sorted(probable, key=buckets.index)
    return younger, older


def is_range(age: AgeEstimate) -> bool:
    """Whether the two most probable buckets are so close that they make one range."""
    buckets: list[str] = list(age.distribution)
    younger, older = map(buckets.index, likeliest_two(age))
    return older <= younger + NEARBY


def percentage(probability: float, write: Callable[[int], str] = "{}%".format) -> str:
    """A probability as whole per cent that never claims certainty: 0.995 is ">99%".

    ``write`` writes a number of per cent.
    """
    rounded = round(100 * probability)
    if rounded == 100:
        return f">{write(99)}"
    if rounded == 0 and probability > 0:
        return f"<{write(1)}"
    return write(rounded)


def faces_in_words(shown: int, found: int | None = None) -> str:
    """How many faces: "no faces", "1 face", "12 faces", or "100 of 120 faces"."""
    if found is not None and found > shown:
        return f"{shown} of {found} faces"
    return {0: "no faces", 1: "1 face"}.get(shown, f"{shown} faces")


def left_out_in_words(analysis: Analysis) -> str | None:
    """The sentence about faces that were found and are not shown, or None if all are."""
    if not analysis.faces_left_out:
        return None
    shown = len(analysis.faces)
    surest = "surest is" if shown == 1 else f"{shown} surest are"
    return f"{analysis.faces_found} faces were found; only the {surest} shown."

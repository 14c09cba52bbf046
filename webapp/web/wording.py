"""Names, estimates and durations in words, in the page's language."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from babel import Locale
from babel.dates import format_skeleton
from babel.lists import format_list
from babel.units import format_unit
from flask_babel import format_decimal, format_percent, gettext, lazy_gettext, ngettext
from flask_babel.speaklater import LazyString

from webapp.vision import words
from webapp.vision.types import AgeEstimate, Analysis, Face
from webapp.web.languages import language

Words = str | LazyString

DETECTOR_TITLES: Mapping[str, tuple[Words, Words]] = {
    "retinaface": (
        "RetinaFace",
        lazy_gettext(
            "Finds the most faces, also small, turned and half-hidden ones. The best first choice."
        ),
    ),
    "mtcnn": ("MTCNN", lazy_gettext("The article’s choice. Also finds small and tilted faces.")),
    "haar": (
        lazy_gettext("Haar cascade"),
        lazy_gettext("The classic from 2001. Quick, for faces that look into the camera."),
    ),
    "hog": ("HOG", lazy_gettext("Quick and rarely wrong, but misses small faces.")),
}
MODEL_TITLES: Mapping[str, tuple[Words, Words]] = {
    "agelens": ("Agelens", lazy_gettext("The most accurate. For non-commercial research only.")),
    "cydral": ("Cydral", lazy_gettext("Two small networks, one for age and one for gender.")),
    "article": (
        lazy_gettext("The article’s two"),
        lazy_gettext("Age by Levi and Hassner’s network, gender by GoogLeNet."),
    ),
    "levi-hassner": (
        lazy_gettext("Levi and Hassner"),
        lazy_gettext("The 2015 network for eight age groups; does not estimate years."),
    ),
    "googlenet": (
        "GoogLeNet",
        lazy_gettext("Lapuschkin et al. 2017, the same age groups; does not estimate years."),
    ),
}
GENDERS: Mapping[str, Words] = {"female": lazy_gettext("female"), "male": lazy_gettext("male")}
STAGES: Mapping[str, Words] = {
    "decode": lazy_gettext("Decode"),
    "detect": lazy_gettext("Detect"),
    "estimate": lazy_gettext("Estimate"),
}
"""The stages of an analysis, whose times the page tells."""


def gender_in_words(face: Face) -> str:
    return str(GENDERS[face.gender.label])


def age_in_words(age: AgeEstimate) -> str:
    """What ``words.age_in_words`` says."""
    if words.is_certain(age):
        return age.bucket
    younger, older = words.likeliest_two(age)
    if words.is_range(age):
        return gettext("between %(younger)s and %(older)s", younger=younger, older=older)
    return gettext("%(younger)s or %(older)s", younger=younger, older=older)


def interval_in_words(age: AgeEstimate) -> str | None:
    """The years as "18 to 27" or "18"; None if the network gives no interval."""
    if age.interval is None:
        return None
    first, last = age.interval
    return gettext("%(first)s to %(last)s", first=first, last=last) if first < last else f"{first}"


def detection_in_words(face: Face) -> str:
    """How sure the detector was that this is a face, or who said so instead."""
    sure = face.detection_confidence
    if sure is None:
        return gettext("drawn by hand")
    return gettext("%(percentage)s sure that it is a face", percentage=percentage(sure))


def percentage(probability: float) -> str:
    """What ``words.percentage`` says."""
    return words.percentage(probability, lambda percent: format_percent(percent / 100))


def exact_percentage(share: float) -> str:
    """A measured share with one decimal, such as 12.5%."""
    pattern = Locale.parse(language()).percent_formats[None].pattern
    return format_percent(share, pattern.replace("##0", "##0.0"))


def faces_in_words(shown: int, found: int | None = None) -> str:
    """How many faces: "No faces", "1 face", "12 faces", or "100 of 120 faces"."""
    if not shown and not found:
        return gettext("No faces")
    count = format_decimal(max(shown, found or 0))
    if found is not None and found > shown:
        return ngettext(
            "%(shown)s of %(count)s face",
            "%(shown)s of %(count)s faces",
            found,
            shown=format_decimal(shown),
            count=count,
        )
    return ngettext("%(count)s face", "%(count)s faces", shown, count=count)


def left_out_in_words(analysis: Analysis) -> str | None:
    """The sentence about faces that were found and are not shown, or None if all are."""
    if not analysis.faces_left_out:
        return None
    shown = len(analysis.faces)
    return ngettext(
        "%(found)s faces were found; only the surest is shown.",
        "%(found)s faces were found; only the %(shown)s surest are shown.",
        shown,
        found=format_decimal(analysis.faces_found),
        shown=format_decimal(shown),
    )


def moment_in_words(moment: datetime) -> str:
    """A time of day and its day, in UTC; scripts put the visitor's own clock in its place."""
    return gettext(
        "%(time)s UTC on %(day)s",
        time=f"{moment:%H:%M}",
        day=format_skeleton("MMMMd", moment, locale=language()),
    )


def duration_in_words(duration: timedelta) -> str:
    """A duration to the second, in as many units as it needs: "1 day and 30 minutes"."""
    left = round(duration.total_seconds())
    parts: list[str] = []
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)):
        number, left = divmod(left, size)
        if number or (unit == "second" and not parts):
            parts.append(format_unit(number, f"duration-{unit}", locale=language()))
    return format_list(parts, locale=language())

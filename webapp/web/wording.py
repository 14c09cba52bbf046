"""Names of detectors and networks, and durations, in words."""

from collections.abc import Mapping
from datetime import timedelta

DETECTOR_TITLES: Mapping[str, tuple[str, str]] = {
    "retinaface": (
        "RetinaFace",
        "Finds the most faces, also small, turned and half-hidden ones. The best first choice.",
    ),
    "mtcnn": ("MTCNN", "The article’s choice. Also finds small and tilted faces."),
    "haar": ("Haar cascade", "The classic from 2001. Quick, for faces that look into the camera."),
    "hog": ("HOG", "Quick and rarely wrong, but misses small faces."),
}
MODEL_TITLES: Mapping[str, tuple[str, str]] = {
    "agelens": ("Agelens", "The most accurate. For non-commercial research only."),
    "cydral": ("Cydral", "Two small networks, one for age and one for gender."),
    "article": ("The article’s two", "Age by Levi and Hassner’s network, gender by GoogLeNet."),
    "levi-hassner": (
        "Levi and Hassner",
        "The 2015 network for eight age groups; does not estimate years.",
    ),
    "googlenet": (
        "GoogLeNet",
        "Lapuschkin et al. 2017, the same age groups; does not estimate years.",
    ),
}


def duration_in_words(duration: timedelta) -> str:
    """A duration to the second, in as many units as it needs: "1 day, 1 hour and 30 minutes"."""
    left = round(duration.total_seconds())
    parts = []
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)):
        number, left = divmod(left, size)
        if number:
            parts.append(f"{number} {unit}" if number == 1 else f"{number} {unit}s")
    *others, last = parts or ["0 seconds"]
    return f"{', '.join(others)} and {last}" if others else last

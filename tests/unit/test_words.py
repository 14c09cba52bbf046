"""What people are told: never more certain than the number, and never less than was found."""

from datetime import timedelta

import pytest

from webapp.vision.types import Analysis
from webapp.vision.words import faces_in_words, left_out_in_words, percentage
from webapp.web.wording import duration_in_words


@pytest.mark.parametrize(
    ("probability", "told"),
    [
        (0.0, "0%"), (1e-9, "<1%"), (0.004, "<1%"), (0.005, "<1%"), (0.006, "1%"), (0.73, "73%"),
        (0.994, "99%"), (0.995, ">99%"), (0.9951, ">99%"), (0.999999, ">99%"), (1.0, ">99%"),
    ],
)  # fmt: skip
def test_no_percentage_claims_certainty(probability: float, told: str) -> None:
    assert percentage(probability) == told


def test_no_probability_at_all_is_told_as_sure_or_impossible() -> None:
    told = {percentage(number / 10_000) for number in range(1, 10_001)}
    assert told == {"<1%", ">99%", *(f"{whole}%" for whole in range(1, 100))}


@pytest.mark.parametrize(
    ("shown", "found", "told"),
    [
        (0, 0, "no faces"),
        (1, None, "1 face"),
        (1, 1, "1 face"),
        (12, 12, "12 faces"),
        (1, 2, "1 of 2 faces"),
        (100, 120, "100 of 120 faces"),
    ],
)
def test_faces_are_counted(shown: int, found: int | None, told: str) -> None:
    assert faces_in_words(shown, found) == told


def test_faces_that_are_left_out_are_told_of() -> None:
    analysis = Analysis(10, 10, "mtcnn", "cydral", (), faces_left_out=20)
    assert analysis.faces_found == 20
    assert left_out_in_words(analysis) == "20 faces were found; only the 0 surest are shown."
    assert left_out_in_words(Analysis(10, 10, "mtcnn", "cydral", ())) is None


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (90, "1 minute and 30 seconds"),
        (149, "2 minutes and 29 seconds"),
        (1800, "30 minutes"),
        (3600, "1 hour"),
        (5400, "1 hour and 30 minutes"),
        (86_400, "1 day"),
        (90_000, "1 day and 1 hour"),
        (7 * 86_400, "7 days"),
        (90_061, "1 day, 1 hour, 1 minute, and 1 second"),
    ],
)
def test_a_duration_is_told_whole(seconds: int, told: str) -> None:
    assert duration_in_words(timedelta(seconds=seconds)) == told

"""Durations as people say them, to the second."""

from datetime import timedelta

import pytest

from webapp.web.wording import duration_in_words


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
        (90_061, "1 day, 1 hour, 1 minute and 1 second"),
    ],
)
def test_a_duration_is_told_whole(seconds: int, told: str) -> None:
    assert duration_in_words(timedelta(seconds=seconds)) == told

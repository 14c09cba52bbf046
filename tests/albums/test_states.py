"""Where a photo stands follows from the names and ages of its album's files alone."""

import pytest

from webapp.albums.album import LEASE_SECONDS, State, state_of, to_do

FRESH, STALE = LEASE_SECONDS / 2, LEASE_SECONDS * 2


@pytest.mark.parametrize(
    ("ages", "state"),
    [
        ({}, State.WAITING),
        ({"attempt-1": FRESH}, State.RUNNING),
        ({"attempt-1": STALE}, State.WAITING),
        ({"attempt-1": STALE, "attempt-2": FRESH}, State.RUNNING),
        ({"attempt-1": STALE, "attempt-2": STALE}, State.WAITING),
        ({"attempt-1": STALE, "attempt-2": STALE, "attempt-3": FRESH}, State.RUNNING),
        ({"attempt-1": STALE, "attempt-2": STALE, "attempt-3": STALE}, State.LOST),
        # The worker of the first attempt has dropped it: it was not the photo's fault.
        ({"attempt-2": FRESH}, State.RUNNING),
        ({"attempt-2": STALE}, State.WAITING),
        ({"attempt-3": STALE}, State.WAITING),
        ({"attempt-2": STALE, "attempt-3": STALE}, State.WAITING),
        ({"attempt-2": STALE, "attempt-3": STALE, "attempt-4": FRESH}, State.RUNNING),
        ({"attempt-2": STALE, "attempt-3": STALE, "attempt-4": STALE}, State.LOST),
        ({"attempt-9": STALE, "attempt-10": FRESH}, State.RUNNING),
        # Just being written, or left half written by a worker that died.
        ({"attempt-1.0badcafe.part": STALE}, State.WAITING),
        ({"attempt-1": STALE, "outcome": FRESH}, State.DONE),
        ({"outcome": STALE}, State.DONE),
    ],
)
def test_the_state_of_a_photo(ages: dict[str, float], state: State) -> None:
    files = {f"0007.{name}": age for name, age in ages.items()}
    assert state_of(7, {**files, "0008.outcome": FRESH, "complete": STALE}) is state


def test_what_is_to_do_is_what_nobody_does() -> None:
    ages = {"0001.outcome": STALE, "0002.attempt-1": FRESH, "0003.attempt-1": STALE}
    assert to_do(range(1, 5), ages) == [3, 4]

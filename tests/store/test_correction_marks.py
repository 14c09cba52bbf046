"""An album shows the analysis that was corrected last, however coarse the times of its store."""

from datetime import timedelta

import pytest

from webapp.albums.album import part_of, run_shown
from webapp.albums.repository import show_corrected
from webapp.results.store.result_store import NOBODY, ResultStore


@pytest.mark.parametrize("runs", [(2,), (2, 3), (3, 2), (2, 3, 2), (2, 3, 2, 3)])
def test_the_last_correction_counts_even_within_a_second(
    address: str, runs: tuple[int, ...]
) -> None:
    store = ResultStore(address, timedelta(hours=1))
    stored = store.open_unchecked(store.create({"0007.outcome": b"-"}, NOBODY))
    assert run_shown(7, stored.ages()) == 1
    for run in runs:
        show_corrected(stored.part(part_of(7)), run)
        assert run_shown(7, stored.ages()) == run
    assert run_shown(6, stored.ages()) == 1

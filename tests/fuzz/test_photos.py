"""Twenty thousand damaged photos: no crash, no hang, bounded memory, and only typed errors."""

import os
import signal
from collections.abc import Iterator
from threading import Timer

import pytest

from tests.bombs import OTHERS
from tests.fuzz.mutations import MUTATIONS, mutant
from tests.fuzz.photos import Decoded, Report, Watched, run
from tests.fuzz.seeds import seeds

FILES, SEED = 20_000, 1


@pytest.fixture
def watched() -> Iterator[Watched]:
    watched = Watched()
    yield watched
    watched.decoder.close()


@pytest.mark.parametrize("name", seeds())
def test_every_photo_that_is_damaged_was_a_photo_before(name: str, watched: Watched) -> None:
    assert watched.outcome_of(seeds()[name]) == "photo"


def test_the_same_seed_makes_the_same_files() -> None:
    for number in range(len(MUTATIONS) * 4):
        assert mutant(7, number) == mutant(7, number)
        assert mutant(7, number).data != mutant(8, number).data or not mutant(7, number).data


def test_a_crash_is_found_and_an_end_by_a_limit_is_not(watched: Watched) -> None:
    padding = OTHERS["a JPEG full of padding"]()
    assert watched.outcome_of(padding) == "costly"
    assert watched.outcome_of(seeds()["jpeg exif"]) == "photo"
    Timer(0.2, os.kill, (watched.decoder.pid, signal.SIGSEGV)).start()
    outcome = watched.outcome_of(padding)
    assert outcome == "died of SIGSEGV"
    assert Report(SEED, [Decoded(0, outcome, 0.0), Decoded(1, "costly", 0.0)]).findings


@pytest.mark.slow
def test_twenty_thousand_damaged_photos_do_no_harm() -> None:
    report = run(FILES, SEED)
    assert len(report.files) == FILES
    assert not report.findings, report.told()
    assert report.outcomes["costly"] < FILES / 100, report.told()
    assert report.read == set(seeds()), "some format was never reached behind its first bytes"

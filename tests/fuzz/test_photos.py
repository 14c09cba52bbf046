"""Twenty thousand damaged photos: no crash, no hang, bounded memory, and only typed errors."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.fuzz.child import outcome_of
from tests.fuzz.mutations import MUTATIONS, mutant
from tests.fuzz.photos import run
from tests.fuzz.seeds import seeds

FILES, SEED = 20_000, 1


@pytest.mark.parametrize("name", seeds())
def test_every_photo_that_is_damaged_was_a_photo_before(name: str) -> None:
    assert outcome_of(seeds()[name]) == "photo"


def test_the_same_seed_makes_the_same_files() -> None:
    for number in range(len(MUTATIONS) * 4):
        assert mutant(7, number) == mutant(7, number)
        assert mutant(7, number).data != mutant(8, number).data or not mutant(7, number).data


def test_a_file_that_kills_or_stops_its_process_is_named_and_the_others_are_decoded() -> None:
    report = run(12, SEED, child="tests.fuzz.dying_child")
    assert {file.number for file in report.files} == set(range(12))
    assert {file.number: file.outcome for file in report.findings} == {
        3: "died of SIGSEGV",
        6: "took too long",
        8: "ended with 1 The eighth is too much.",
    }
    assert "FOUND number 3, made from jpeg exif: died of SIGSEGV" in report.told()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason=f"{sys.platform}: no /proc")
def test_twenty_thousand_damaged_photos_do_no_harm() -> None:
    report = run(FILES, SEED)
    assert len(report.files) == FILES
    assert not report.findings, report.told()
    assert report.read == set(seeds()), "some format was never reached behind its first bytes"

"""The journal of ``agelens analyze --out``: what was done is not done again, unless it changed."""

from dataclasses import replace
from pathlib import Path

import pytest

from webapp.commands.journal import Journal, UnreadableJournal
from webapp.commands.photo_files import AnalyzeOptions, Outcome
from webapp.vision.errors import UnreadablePhoto
from webapp.vision.types import Analysis

ANALYSIS = Analysis(
    width=3, height=2, detector="mtcnn", model="cydral", faces=(), timings_ms={"detect": 1.0}
)
OPTIONS = AnalyzeOptions()


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / name for name in ("a.jpg", "b.jpg", "c.jpg")]
    for path in paths:
        path.write_bytes(b"photo")
    return paths


@pytest.fixture
def out(tmp_path: Path, photos: list[Path]) -> Path:
    """An output whose call broke off after two photos, of which one failed."""
    out = tmp_path / "results.csv"
    with (journal := Journal(out, OPTIONS)):
        journal.add(Outcome(photos[0], ANALYSIS))
        journal.add(Outcome(photos[1], UnreadablePhoto("It is broken.")))
    return out


def test_what_was_analysed_is_known_and_what_failed_is_tried_again(
    out: Path, photos: list[Path]
) -> None:
    assert Journal(out, OPTIONS).read(photos) == {photos[0]: Outcome(photos[0], ANALYSIS)}


def test_it_goes_on_after_a_line_that_was_broken_off(out: Path, photos: list[Path]) -> None:
    with Path(f"{out}.journal").open("a") as file:
        file.write('{"path": "half')
    with (journal := Journal(out, OPTIONS)):
        journal.add(Outcome(photos[2], ANALYSIS))
    assert set(Journal(out, OPTIONS).read(photos)) == {photos[0], photos[2]}


def test_a_photo_that_changed_is_done_again(out: Path, photos: list[Path]) -> None:
    photos[0].write_bytes(b"another photo")
    assert Journal(out, OPTIONS).read(photos) == {}


def test_other_options_begin_anew(out: Path, photos: list[Path]) -> None:
    other = replace(OPTIONS, detector="haar")
    assert Journal(out, other).read(photos) == {}
    with (journal := Journal(out, other)):
        journal.add(Outcome(photos[2], ANALYSIS))
    assert set(Journal(out, other).read(photos)) == {photos[2]}
    assert Journal(out, OPTIONS).read(photos) == {}


@pytest.mark.parametrize(
    "text",
    [
        '{"detector": "None", "model": "None"}\n{"path": "a.jpg", "version": [5, 1]}\n',
        '{"format": 1, "options": {}}\n',
        '{"format": 99, "options": {}}\n',
        "[]\n",
        "Dear diary,\ntoday nothing happened.\n",
    ],
)
def test_a_journal_of_another_version_is_refused_and_stays(
    out: Path, photos: list[Path], text: str
) -> None:
    path = Path(f"{out}.journal")
    path.write_text(text)
    with pytest.raises(UnreadableJournal, match=r"results\.csv\.journal is damaged"):
        Journal(out, OPTIONS).read(photos)
    with pytest.raises(UnreadableJournal), Journal(out, OPTIONS):
        pass
    assert path.read_text() == text


@pytest.mark.parametrize("entry", ['{"other": 1}', "[1]", '{"path": "%s", "stamp": [%d, %d]}'])
def test_entries_of_another_form_are_refused(out: Path, photos: list[Path], entry: str) -> None:
    if "%" in entry:
        status = photos[0].stat()
        entry %= (photos[0], status.st_size, status.st_mtime_ns)
    with Path(f"{out}.journal").open("a") as file:
        file.write(f"{entry}\n")
    with pytest.raises(UnreadableJournal):
        Journal(out, OPTIONS).read(photos)


def test_one_that_was_broken_off_in_its_first_line_begins_anew(
    out: Path, photos: list[Path]
) -> None:
    Path(f"{out}.journal").write_text('{"format"')
    assert Journal(out, OPTIONS).read(photos) == {}

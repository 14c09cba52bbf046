"""Odd files and folders are lines of the output, never the end of it."""

import csv
import io
import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.samples import GRACE_HOPPER
from tests.web.fakes import FakeDetector, FakeEstimator
from webapp.cli import main
from webapp.commands.formats import FORMATS
from webapp.commands.photo_files import AnalyzeOptions, Outcome, Task, analyze_photo, walk
from webapp.settings import Settings
from webapp.vision.analyzer import Analyzer
from webapp.vision.errors import VisionError

ANALYZER = Analyzer(FakeDetector(shares=[(0.3, 0.2, 0.3, 0.3)]), FakeEstimator())


def analyzed(path: Path, drawing: Path | None = None) -> Outcome:
    return analyze_photo(Task(path, drawing), ANALYZER, AnalyzeOptions(), Settings())


def test_an_unwritable_folder_is_a_failure_like_any_other(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    outcome = analyzed(GRACE_HOPPER, drawing=in_the_way / "drawn" / "x.jpg")
    assert isinstance(outcome.result, VisionError)
    assert str(outcome.result) == "The picture cannot be written: Not a directory."


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs a file without an end")
def test_a_file_without_an_end_is_too_large() -> None:
    outcome = analyzed(Path("/dev/zero"))
    assert isinstance(outcome.result, VisionError)
    assert outcome.result.code == "photo_too_large"


@pytest.mark.parametrize("threshold", ["nan", "-0.1", "1.1", "half"])
def test_a_threshold_that_is_no_probability_is_refused(threshold: str) -> None:
    result = CliRunner().invoke(main, ["analyze", "--threshold", threshold, str(GRACE_HOPPER)])
    assert result.exit_code == 2
    assert "--threshold" in result.output


@pytest.mark.parametrize("output", FORMATS)
def test_a_name_that_is_no_text_is_printed_all_the_same(tmp_path: Path, output: str) -> None:
    path = tmp_path / os.fsdecode(b"fa\xffmily.jpg")
    path.write_bytes(GRACE_HOPPER.read_bytes())
    lines = "\n".join(FORMATS[output]([analyzed(path)]))
    assert "fa\N{REPLACEMENT CHARACTER}mily.jpg".encode() in lines.encode()


HOSTILE = "a\x1b[31m\n\u202eb.jpg"


def test_a_name_controls_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / HOSTILE, tmp_path / f"bad{HOSTILE}"
    good.write_bytes(GRACE_HOPPER.read_bytes())
    bad.write_bytes(b"no photo")
    lines = list(FORMATS["text"]([analyzed(good), analyzed(bad)]))
    shown = r"a\x1b[31m\n\u202eb.jpg"
    assert shown in lines[0]
    assert f"bad{shown}" in capsys.readouterr().err


def test_a_table_on_standard_output_has_names_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.commands.photo_files.analyzer_for", lambda *_: ANALYZER)
    path = tmp_path / HOSTILE
    path.write_bytes(GRACE_HOPPER.read_bytes())
    result = CliRunner().invoke(main, ["analyze", "--format", "csv", str(path)])
    (row,) = csv.DictReader(io.StringIO(result.stdout))
    assert row["photo"] == str(path)


def test_a_folder_is_walked_in_order_around_whatever_is_in_it(tmp_path: Path) -> None:
    for name in ("b.jpg", "a/c.PNG", "folder.jpg/d.webp", ".hidden.jpg", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    found = [path.relative_to(tmp_path).as_posix() for path in walk([tmp_path])]
    assert found == ["a/c.PNG", "b.jpg", "folder.jpg/d.webp"]


@pytest.mark.parametrize(
    "name",
    [
        *("x.jfif", "x.hif", "x.heics", "x.avifs", "x.apng", "x.JIF", "x.jpe", "x.mpo", "x.tif"),
        *("IMG_1", "x.jpg_large"),
    ],
)
def test_whatever_is_a_photo_is_found(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(GRACE_HOPPER.read_bytes()[:100])
    assert list(walk([tmp_path])) == [tmp_path / name]


@pytest.mark.parametrize(
    "folder",
    [
        *(".Trash-1000", ".thumbnails", "@eaDir", "#recycle", "__MACOSX", ".git", "@Recycle"),
        *("$RECYCLE.BIN", "lost+found", "a/@eaDir/b"),
    ],
)
def test_folders_of_systems_are_entered_only_where_they_are_named(
    tmp_path: Path, folder: str
) -> None:
    photo = tmp_path / folder / "x.jpg"
    photo.parent.mkdir(parents=True)
    photo.touch()
    assert list(walk([tmp_path])) == []
    assert list(walk([photo.parent])) == [photo]


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.jpg")
    os.mkfifo(tmp_path / "IMG_1")
    (tmp_path / "link.jpg").symlink_to("x.jpg")
    (tmp_path / "broken.jpg").symlink_to("nowhere.jpg")
    assert list(walk([tmp_path])) == [tmp_path / "broken.jpg"]


def test_a_folder_that_cannot_be_listed_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    really_scan = os.scandir

    def scan(path: str) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", path)
        return really_scan(path)

    monkeypatch.setattr(os, "scandir", scan)
    (path,) = walk([tmp_path])
    document = json.loads(next(FORMATS["json"]([analyzed(path)])))
    assert document["photo"].endswith("closed")
    assert document["error"]["code"] == "unreadable_photo"

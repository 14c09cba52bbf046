"""Where the results of commands go: files of every kind, pictures, streams that are closed."""

import json
import os
import resource
import stat
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Thread

import click
import numpy as np
import pytest
from click.testing import CliRunner, Result

from tests.samples import GRACE_HOPPER, encoded, grace_hopper
from tests.web.fakes import ONE_FACE, FakeDetector, FakeEstimator, registry_of
from webapp.cli import main
from webapp.commands.drawings import drawing_paths, is_drawing
from webapp.commands.streams import Commands
from webapp.vision.analyzer import Analyzer
from webapp.vision.detectors.base import DetectionOptions
from webapp.vision.photo import Photo
from webapp.vision.types import Detection, Landmarks

PORTRAIT = GRACE_HOPPER.read_bytes()

LEANING = Landmarks((10, 10), (10, 30), (20, 20), (30, 10), (30, 30))


class UprightDetector(FakeDetector):
    """Finds a face in the photo as it was, and a less sure, leaning one where it lies."""

    def __init__(self, upright: np.ndarray) -> None:  # type: ignore[type-arg]
        super().__init__("mtcnn", ONE_FACE)
        self._height = upright.shape[0]
        self._first = upright[0].mean()

    def detect(self, photo: Photo, options: DetectionOptions) -> list[Detection]:
        [face] = super().detect(photo, options)
        if photo.height < photo.width:
            return [replace(face, confidence=0.7, landmarks=LEANING)]
        on_its_head = abs(photo.pixels[0].mean() - self._first) > 20
        return [] if on_its_head else [replace(face, confidence=0.9)]


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = registry_of(FakeDetector("mtcnn", ONE_FACE))
    for module in ("webapp.api", "webapp.commands.compare"):
        monkeypatch.setattr(f"{module}.build_registry", lambda *_: registry)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "album"
    folder.mkdir()
    (folder / "x.jpg").write_bytes(PORTRAIT)
    return folder


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [*map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def photos_of(result: Result) -> list[str]:
    return [Path(json.loads(line)["photo"]).name for line in result.stdout.splitlines()]


def test_out_follows_a_link_and_keeps_the_permissions(folder: Path, tmp_path: Path) -> None:
    target, link = tmp_path / "far" / "results.csv", tmp_path / "link.csv"
    target.parent.mkdir()
    target.touch()
    target.chmod(0o640)
    link.symlink_to(target)
    assert run("analyze", folder, "--out", link).exit_code == 0
    assert link.is_symlink()
    assert target.read_text().startswith("photo,face")
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_out_writes_into_a_pipe(folder: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    reader.start()
    assert run("analyze", folder, "--out", pipe).exit_code == 0
    reader.join(10)
    assert json.loads(read[0])["photo"].endswith("x.jpg")
    assert {path.name for path in tmp_path.iterdir()} == {"album", "pipe.json"}


def test_a_dash_is_standard_output(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert "x.jpg" in run("analyze", ".", "--out", "-").stdout
    assert [path.name for path in folder.iterdir()] == ["x.jpg"]


@pytest.mark.parametrize("where", ["drawn", "."])
def test_drawings_are_replaced_and_never_analysed(folder: Path, where: str) -> None:
    for _ in range(3):
        result = run("analyze", folder, "--format", "json", "--annotated", folder / where)
        assert photos_of(result) == ["x.jpg"]
    assert (folder / "x.jpg").read_bytes() == PORTRAIT
    drawings = [path for path in folder.rglob("*.jpg") if is_drawing(path)]
    assert len(drawings) == 1
    assert photos_of(run("analyze", folder, "--format", "json")) == ["x.jpg"]


def test_only_drawings_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "x.jpg").write_bytes(PORTRAIT)
    (tmp_path / "x-2.jpg").symlink_to("nowhere")
    photos = [Path("a/x.png"), Path("b/x.jpg"), Path("a/x.png"), Path("c/X-4.jpg")]
    names = [path.name for path in drawing_paths(photos, tmp_path)]
    assert names == ["x-3.jpg", "x-4.jpg", "x-5.jpg", "X-4-2.jpg"]


def test_compared_photos_of_one_name_get_a_picture_each(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x.jpg").write_bytes(encoded(grace_hopper()[:400]))
    arguments = ("compare", folder / "x.jpg", tmp_path / "other" / "x.jpg", "--pictures")
    for _ in range(2):
        assert run(*arguments, tmp_path / "out").exit_code == 0
        assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["x-2.jpg", "x.jpg"]


def test_pictures_below_a_file_are_one_sentence(folder: Path) -> None:
    result = run("compare", folder, "--pictures", folder / "x.jpg" / "pictures")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: The picture cannot be written: Not a directory.\n"


def test_a_photo_that_cannot_be_compared_is_named_once(folder: Path) -> None:
    result = run("compare", folder / "nowhere.jpg", folder / "x.jpg")
    assert result.exit_code == 1
    assert result.stderr.count("nowhere.jpg") == 1
    assert "x.jpg" in result.stdout


def test_a_journal_of_another_version_is_a_sentence(folder: Path) -> None:
    (folder / "out.csv.journal").write_text('{"format": 0}\n')
    result = run("analyze", folder, "--out", folder / "out.csv")
    assert result.exit_code == 1
    assert "out.csv.journal is damaged or from another version" in result.stderr


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_auto_finds_the_side_that_a_photo_lies_on(turns: int) -> None:
    upright = grace_hopper()
    analyzer = Analyzer(UprightDetector(upright), FakeEstimator())
    lying = Photo.of(np.ascontiguousarray(np.rot90(upright, turns)))
    examination = analyzer.examine(lying, turn=None)
    photo, found = examination.photo, examination.analysis
    assert len(found.faces) == 1
    assert found.quarter_turns == turns
    assert (found.width, found.height) == (photo.width, photo.height)


def test_where_no_side_shows_a_face_the_photo_stays_as_it_is() -> None:
    analyzer = Analyzer(FakeDetector(), FakeEstimator())
    examination = analyzer.examine(Photo.of(grace_hopper()), turn=None)
    photo = examination.photo
    assert examination.analysis.quarter_turns == 0
    assert (photo.width, photo.height) == (512, 600)


def test_a_turn_is_told_of(folder: Path) -> None:
    turned = run("analyze", folder, "--turn", "1")
    assert "600×512  1 face, turned clockwise by 90°" in turned.stdout
    document = json.loads(run("analyze", folder, "--turn", "1", "--format", "json").stdout)
    assert (document["quarter_turns"], document["width"]) == (1, 600)
    assert run("analyze", folder, "--turn", "4").exit_code == 2


def test_a_file_that_cannot_be_used_is_a_sentence_in_every_command() -> None:
    @click.command()
    def fail() -> None:
        raise PermissionError(13, "Permission denied", "far/results.csv")

    commands = Commands("agelens")
    commands.add_command(fail)
    result = CliRunner().invoke(commands, ["fail"])
    assert result.exit_code == 1
    assert result.stderr == "Error: far/results.csv: Permission denied.\n"


LARGEST_FILE = 2**28
"""Bytes; also of the memory that processes share."""
PROGRAM = """
import sys
import webapp.api
from tests.web.fakes import ONE_FACE, FakeDetector, registry_of
from webapp.cli import main
registry = registry_of(FakeDetector("mtcnn", ONE_FACE))
webapp.api.build_registry = lambda *_: registry
main(sys.argv[1:], prog_name="agelens")
"""


def program(
    *arguments: object, before: Callable[[], None] | None = None, shell: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROGRAM, *map(str, arguments)]
    return subprocess.run(
        [*shell, *command], capture_output=True, text=True, check=False, preexec_fn=before
    )


def test_with_standard_error_closed_the_result_is_printed(folder: Path) -> None:
    (folder / "y.jpg").write_bytes(b"broken")
    done = program("analyze", folder, before=lambda: os.close(2))
    assert done.returncode == 1  # one photo failed
    assert "x.jpg  512×600  1 face" in done.stdout


def test_with_standard_output_closed_it_says_so(folder: Path) -> None:
    done = program("analyze", folder, before=lambda: os.close(1))
    assert done.returncode == 1
    assert done.stderr == "Error: Standard output is closed; name a file with --out.\n"


@pytest.mark.parametrize("arguments", [("analyze", GRACE_HOPPER), ("settings",), ("--help",)])
def test_a_full_disk_is_one_sentence(tmp_path: Path, arguments: tuple[object, ...]) -> None:
    def fill() -> None:
        descriptor = os.open(tmp_path / "full", os.O_WRONLY | os.O_CREAT)
        os.dup2(descriptor, 1)
        os.lseek(1, LARGEST_FILE, os.SEEK_SET)
        resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))

    done = program(*arguments, before=fill)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "Error: The output cannot be written: File too large."
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_a_reader_that_goes_is_no_error(folder: Path) -> None:
    for number in range(5):
        (folder / f"{number}.jpg").write_bytes(PORTRAIT)
    shell = ("bash", "-c", '"$@" | head -1', "bash")
    done = program("analyze", folder, shell=shell)
    assert (len(done.stdout.splitlines()), done.stderr) == (1, "")

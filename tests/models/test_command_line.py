"""``agelens analyze`` on real photos, as a person or a script calls it."""

import csv
import io
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from tests.models.registry import REGISTRY
from tests.samples import GRACE_HOPPER, astronaut, encoded
from webapp.cli import main

pytestmark = pytest.mark.slow

DETECTOR = REGISTRY.detectors[0]


def analyze(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["analyze", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two good photos, one of them deeper down, a broken one and a text."""
    (tmp_path / "album" / "space").mkdir(parents=True)
    (tmp_path / "album" / "b-hopper.jpg").write_bytes(GRACE_HOPPER.read_bytes())
    (tmp_path / "album" / "a-broken.jpg").write_bytes(GRACE_HOPPER.read_bytes()[:5000])
    (tmp_path / "album" / "space" / "astronaut.png").write_bytes(encoded(astronaut(), "PNG"))
    (tmp_path / "album" / "notes.txt").write_text("not a photo")
    return tmp_path / "album"


def test_json_is_one_object_a_line_in_order_and_a_broken_photo_stops_nothing(folder: Path) -> None:
    result = analyze(folder, "--format", "json")
    assert result.exit_code == 1
    broken, hopper, astronaut = [json.loads(line) for line in result.stdout.splitlines()]
    assert broken["error"]["code"] == "unreadable_photo"
    assert hopper["photo"].endswith("album/b-hopper.jpg")
    assert (hopper["width"], hopper["height"], hopper["detector"]) == (512, 600, DETECTOR)
    assert len(hopper["faces"]) == len(astronaut["faces"]) == 1
    (face,) = astronaut["faces"]
    assert sum(face["age"]["distribution"].values()) == pytest.approx(1, abs=1e-3)
    assert face["age"]["confidence"] == face["age"]["distribution"][face["age"]["bucket"]]
    assert face["gender"]["label"] == "female"
    assert set(hopper["timings_ms"]) == {"decode", "detect", "estimate"}


def test_csv_has_a_header_and_a_row_a_face(folder: Path) -> None:
    result = analyze(folder, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [Path(row["photo"]).name for row in rows] == ["b-hopper.jpg", "astronaut.png"]
    assert "a-broken.jpg" in result.stderr


def test_text_is_for_people(folder: Path) -> None:
    result = analyze(folder / "b-hopper.jpg")
    assert result.exit_code == 0
    assert "512×600  1 face" in result.stdout


def test_annotated_photos_are_written_in_full_size_and_never_over_each_other(
    folder: Path, tmp_path: Path
) -> None:
    drawn = tmp_path / "drawn"
    analyze(folder / "b-hopper.jpg", folder / "b-hopper.jpg", "--annotated", drawn)
    assert sorted(path.name for path in drawn.iterdir()) == ["b-hopper-2.jpg", "b-hopper.jpg"]
    with Image.open(drawn / "b-hopper.jpg") as image:
        assert image.size == (512, 600)
        assert (np.asarray(image)[:, :, 2] > 240).any()


@pytest.mark.parametrize("detector", ["haar", "hog"])
def test_another_detector_can_be_chosen(detector: str) -> None:
    result = analyze(GRACE_HOPPER, "--detector", detector, "--format", "json")
    document = json.loads(result.stdout)
    assert document["detector"] == detector
    assert document["faces"][0]["landmarks"] is None


@pytest.mark.parametrize("option", ["--detector", "--model"])
def test_an_unknown_name_is_a_sentence(option: str) -> None:
    result = analyze(GRACE_HOPPER, option, "nonsense")
    assert result.exit_code == 1
    assert "“nonsense”" in result.output
    assert "Traceback" not in result.output


def test_a_path_that_does_not_exist_is_a_failure_like_any_other(tmp_path: Path) -> None:
    result = analyze(tmp_path / "nowhere.jpg", "--format", "json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["code"] == "unreadable_photo"


def test_a_folder_without_photos_says_so(tmp_path: Path) -> None:
    result = analyze(tmp_path)
    assert result.exit_code == 1
    assert "No photos" in result.output


def test_a_call_that_was_killed_continues_where_it_stopped(tmp_path: Path) -> None:
    """Killed after at least one photo; the next call does only the others, in two processes."""
    for number in range(8):
        (tmp_path / f"{number}.jpg").write_bytes(GRACE_HOPPER.read_bytes())
    out, journal = tmp_path / "results.csv", tmp_path / "results.csv.journal"
    command = [sys.executable, "-m", "webapp", "analyze", str(tmp_path), "--out", str(out)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    while process.poll() is None and (not journal.exists() or journal.read_text().count("\n") < 3):
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert not out.exists()
    done = journal.read_text().count('"path"')
    result = analyze(tmp_path, "--out", out, "--jobs", 2)
    assert result.exit_code == 0, result.output
    assert 1 <= done < 8
    rows = list(csv.DictReader(io.StringIO(out.read_text())))
    assert [Path(row["photo"]).name for row in rows] == [f"{number}.jpg" for number in range(8)]
    assert not journal.exists()

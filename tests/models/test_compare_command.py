"""``agelens compare`` repeats the article's experiment on any photos."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from tests.models.registry import REGISTRY
from tests.samples import astronaut, encoded, grace_hopper
from webapp.cli import main
from webapp.evaluation.head_turn import AWAY, turn
from webapp.vision.photo import Photo
from webapp.vision.types import Box

pytestmark = pytest.mark.slow

DETECTORS = REGISTRY.usable_detectors


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "hopper.jpg").write_bytes(encoded(grace_hopper()))
    (tmp_path / "astronaut.jpg").write_bytes(encoded(astronaut()))
    return tmp_path


def test_all_detectors_see_the_same_photo(folder: Path) -> None:
    arguments = ["compare", str(folder / "hopper.jpg"), "--format", "json"]
    result = CliRunner().invoke(main, [*arguments, "--pictures", str(folder / "pictures")])
    assert result.exit_code == 0, result.output
    document = json.loads(result.output)
    assert {one["detector"] for one in document["analyses"]} == set(DETECTORS)
    assert [0] * len(DETECTORS) in document["faces"]
    with Image.open(folder / "pictures" / "hopper.jpg") as picture:
        assert picture.width > 2 * 512


def test_recall_is_measured_on_labelled_photos(folder: Path) -> None:
    (folder / "boxes.csv").write_text(
        "path,x,y,w,h\nhopper.jpg,165,85,165,220\nastronaut.jpg,180,65,85,115\n"
    )
    arguments = ["compare", "--boxes", str(folder / "boxes.csv"), str(folder)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert "| mtcnn | 1.000 | 1.000 | 1.000 | 1.000 |" in result.output
    assert "| one person | 2 | 1.000 |" in result.output


def test_a_missing_photo_is_a_sentence(folder: Path) -> None:
    (folder / "boxes.csv").write_text("path,x,y,w,h\nnowhere.jpg,1,1,30,30\n")
    result = CliRunner().invoke(
        main, ["compare", "--boxes", str(folder / "boxes.csv"), str(folder)]
    )
    assert result.exit_code == 1
    assert "nowhere.jpg: The file cannot be read" in result.output


def test_a_face_that_looks_into_the_camera_is_not_turned() -> None:
    assert turn(Photo.of(grace_hopper()), Box(165, 85, 165, 220)) < AWAY

"""Analyses in Python: what comes back, and how a notebook shows it."""

from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.samples import encoded, grace_hopper
from tests.web.fakes import FakeDetector, registry_of
from webapp import api
from webapp.results.columns import COLUMNS
from webapp.vision.errors import NotAPhoto, UnreadablePhoto
from webapp.vision.photo import Photo
from webapp.vision.types import Analysis


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    detector = FakeDetector("mtcnn", ((0.3, 0.2, 0.3, 0.3), (0.05, 0.5, 0.2, 0.25)))
    registry = registry_of(detector, FakeDetector("haar"))
    monkeypatch.setattr(api, "build_registry", lambda *_: registry)
    yield
    api._analyzer.cache_clear()
    api._settings.cache_clear()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "<b>family.jpg"
    path.write_bytes(encoded(grace_hopper()))
    return path


def test_a_path_or_bytes_become_an_analysis(path: Path) -> None:
    for photo in (path, str(path), path.read_bytes()):
        found = api.analyze(photo)
        assert isinstance(found.analysis, Analysis)
        assert len(found.faces) == 2
        assert found.faces[0].age.bucket == "25-32"
        assert isinstance(found.annotated(), Photo)
    assert api.analyze(path, turn=1).analysis.quarter_turns == 1
    assert api.analyze(path, detector="haar").faces == ()


def test_documents_are_those_of_the_api(path: Path) -> None:
    found = api.analyze(path)
    assert found.to_dict()["photo"] == "<b>family.jpg"
    assert found.to_dict()["faces_found"] == 2
    assert found.to_csv().count("\n") == 3


def test_a_notebook_shows_the_picture_and_a_table(path: Path) -> None:
    html = api.analyze(path)._repr_html_()
    picture = html.partition("base64,")[2].partition('"')[0]
    assert b64decode(picture).startswith(b"\xff\xd8\xff")
    assert html.count("<tr>") == 3
    assert "25-32" in html
    assert "<b>" not in html


def test_a_data_frame_has_the_columns_of_the_csv(path: Path) -> None:
    pytest.importorskip("pandas", reason="pandas is not installed")
    frame = api.analyze(path).to_dataframe()
    assert list(frame.columns) == [column.name for column in COLUMNS]
    assert list(frame["age_bucket"]) == ["25-32", "25-32"]
    assert api.analyze(path, detector="haar").to_dataframe().empty


def test_what_cannot_be_analysed_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnreadablePhoto, match=r"cannot be read: .*\."):
        api.analyze(tmp_path / "nothing.jpg")
    with pytest.raises(NotAPhoto):
        api.analyze(b"This is no photo.")

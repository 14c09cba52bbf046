"""Files that people write by hand are read in full, or refused by the one error of their reader."""

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.test_card import CARD
from webapp.evaluation import labels, recall
from webapp.evaluation.labels import Label
from webapp.vision.card import ModelCard, read_card
from webapp.vision.errors import InvalidCard
from webapp.vision.types import Box


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        model = Path(name) / "toy"
        model.mkdir()
        yield model


cells = st.text(max_size=12) | st.sampled_from(
    ("", "25", "3-7", "inf", "nan", "1e400", "male", '"')
)
tables = st.lists(st.lists(cells, max_size=8), max_size=5).map(
    lambda rows: "\n".join(",".join(row) for row in rows)
)


def headed(header: str) -> st.SearchStrategy[bytes]:
    """A table with the right header and any rows, or any bytes at all."""
    rows = tables.map(lambda text: f"{header}\n{text}".encode(errors="replace"))
    return rows | st.binary(max_size=200).map(lambda noise: header.encode() + b"\n" + noise)


@given(headed("path,age,age_bucket,gender,group"))
@example(b"path,age_bucket,gender\na.jpg")
@example(b"path,age,gender\n,25,male")
@example(b"path,age,gender\n\xff,25,male")
@example(b"gender,age,path\nmale,25")
@example(b'path,age,gender\n"' + b"x" * 200_000)
def test_any_labels_are_whole_or_refused(folder: Path, data: bytes) -> None:
    (folder / "labels.csv").write_bytes(data)
    with suppress(labels.InvalidLabels):
        for label in labels.read_labelled_set(folder).labels:
            assert label.path
            assert 0 <= label.youngest <= label.oldest
            assert label.gender in ("female", "male")


@given(headed("path,x,y,w,h,invalid,occlusion,pose") | st.binary(max_size=200))
@example(b"path,x,y,w,h\na.jpg,inf,0,5,5")
@example(b"path,x,y,w,h\na.jpg,0,0,5")
@example(b'path,x,y,w,h\n"' + b"x" * 200_000)
def test_any_boxes_are_whole_or_refused(folder: Path, data: bytes) -> None:
    path = folder / "boxes.csv"
    path.write_bytes(data)
    with suppress(labels.InvalidLabels):
        for faces in recall.read_boxes(path).values():
            for face in faces:
                assert all(isinstance(side, int) for side in (face.box.x, face.box.width))


def written(header: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue()


paths = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=20)
ages = st.integers(0, 120)


@given(st.lists(st.builds(Label, paths, ages, ages, st.sampled_from(("female", "male")))))
def test_labels_come_back_as_they_were_written(folder: Path, some: list[Label]) -> None:
    ordered = [one for one in some if one.youngest <= one.oldest]
    rows = [(one.path, f"{one.youngest}-{one.oldest}", one.gender) for one in ordered]
    table = written(("path", "age_bucket", "gender"), rows)
    (folder / "labels.csv").write_text(table, encoding="utf-8", newline="")
    if ordered:
        assert labels.read_labelled_set(folder).labels == tuple(ordered)


places = st.integers(-100, 10_000)


@given(st.lists(st.tuples(paths, places, places, places, places), min_size=1))
def test_boxes_come_back_as_they_were_written(folder: Path, rows: list[tuple[str, int]]) -> None:
    path = folder / "boxes.csv"
    path.write_text(written(recall.COLUMNS, list(rows)), encoding="utf-8", newline="")
    read = recall.read_boxes(path)
    assert sum(len(faces) for faces in read.values()) == len(rows)
    assert all(any(face.box == Box(*box) for face in read[name]) for name, *box in rows)


def replaced(text: str) -> Callable[[tuple[int, int, str]], str]:
    return lambda cut: text[: cut[0]] + cut[2] + text[cut[0] + cut[1] :]


cuts = st.tuples(st.integers(0, len(CARD)), st.integers(0, 30), st.text(max_size=10))
STRINGS = ("name", "title", "family", "licence", "source", "summary", "version")


@given(cuts.map(replaced(CARD)).map(lambda text: text.encode(errors="replace")) | st.binary())
@example(b"\xff")
@example(b"a = " + b"[" * 5000)
@example(CARD.replace('tasks = ["age"]', 'tasks = "age"').encode())
@example(CARD.replace('title = "A toy"', "title = 1").encode())
@example(CARD.replace('path = "weights.bin"', "path = 1").encode())
@example(CARD.replace("[input]", "[[input]]").encode())
def test_any_card_is_whole_or_refused(folder: Path, data: bytes) -> None:
    (folder / "card.toml").write_bytes(data)
    with suppress(InvalidCard):
        card: ModelCard = read_card(folder)
        assert card.name == folder.name
        assert all(isinstance(getattr(card, name), str) for name in STRINGS)
        assert set(card.tasks) <= {"age", "gender"}
        assert all(isinstance(file.path, str) and len(file.sha256) for file in card.files)

"""Labelled pictures are read from CSV files, file names, folders and tar files."""

import io
import tarfile
from pathlib import Path

import pytest

from webapp.evaluation.labels import InvalidLabels, Label, joined, parse_range, read_labelled_set


def write_tar(path: Path, files: dict[str, bytes]) -> None:
    with tarfile.open(path, "w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def test_a_csv_gives_exact_ages_ranges_and_groups(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text(
        "path,age,age_bucket,gender,group\na.jpg,31,,female,Asian\nb.jpg,,3-7,male,\n"
    )
    labels = read_labelled_set(tmp_path).labels
    assert labels == (Label("a.jpg", 31, 31, "female", "Asian"), Label("b.jpg", 3, 7, "male", None))
    assert [label.exact for label in labels] == [True, False]


def test_a_range_may_be_two_columns_and_persons_and_origins_are_kept(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "labels.csv").write_text(
            "path,age_low,age_high,gender,person\na.jpg,51,57,female,X1\n"
        )
        (tmp_path / name / "a.jpg").write_bytes(name.encode())
    sets = [read_labelled_set(tmp_path / name) for name in ("first", "second")]
    assert sets[0].labels == (Label("a.jpg", 51, 57, "female", person="X1"),)
    both = joined(sets)
    assert [label.path for label in both.labels] == ["first/a.jpg", "second/a.jpg"]
    assert [label.origin for label in both.labels] == ["first", "second"]
    assert [both.read(label) for label in both.labels] == [b"first", b"second"]


def test_pictures_come_from_folders_and_from_tar_files(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("path,age,gender\nin/a.jpg,1,male\nb.jpg,2,female\n")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jpg").write_bytes(b"first")
    write_tar(tmp_path / "pictures.tar", {"other.jpg": b"no", "b.jpg": b"second"})
    labelled = read_labelled_set(tmp_path)
    assert [labelled.read(label) for label in labelled.labels] == [b"first", b"second"]


def test_without_a_csv_the_names_of_utkface_are_labels(tmp_path: Path) -> None:
    for name in ("26_1_2_20170116.jpg", "80_0_4_20170117.jpg.chip.jpg", "holiday.jpg"):
        (tmp_path / name).write_bytes(b"")
    assert read_labelled_set(tmp_path).labels == (
        Label("26_1_2_20170116.jpg", 26, 26, "female", "Asian"),
        Label("80_0_4_20170117.jpg.chip.jpg", 80, 80, "male", "Other"),
    )


def test_labels_and_pictures_may_lie_apart(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.png").write_bytes(b"here")
    table = tmp_path / "some.csv"
    table.write_text("path,age,gender\na.png,50,male\n")
    labelled = read_labelled_set(table, tmp_path / "pictures")
    assert labelled.read(labelled.labels[0]) == b"here"


@pytest.mark.parametrize(
    "row", ["a.jpg,old,male", "a.jpg,7-3,male", "a.jpg,30,woman", "a.jpg,,male"]
)
def test_a_bad_row_is_named_by_its_line(tmp_path: Path, row: str) -> None:
    (tmp_path / "labels.csv").write_text(f"path,age,gender\nfine.jpg,30,female\n{row}\n")
    with pytest.raises(InvalidLabels, match="line 3"):
        read_labelled_set(tmp_path)


def test_a_folder_without_labels_and_a_missing_picture_are_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidLabels, match=r"neither a labels\.csv"):
        read_labelled_set(tmp_path)
    (tmp_path / "labels.csv").write_text("path,age,gender\ngone.jpg,30,female\n")
    labelled = read_labelled_set(tmp_path)
    with pytest.raises(InvalidLabels, match=r"gone\.jpg"):
        labelled.read(labelled.labels[0])


def test_ranges_include_both_ends() -> None:
    assert parse_range("25") == (25, 25)
    assert parse_range(" 3-7 ") == (3, 7)

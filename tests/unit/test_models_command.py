"""``agelens models`` tells what there is and what to do, and never shows a stack trace."""

import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from webapp.assets import directory
from webapp.cli import main
from webapp.vision.card import ModelCard, read_cards
from webapp.web.accuracy import summary, tables

CARD = """
name = "toy"
title = "A toy"
family = "cydral"
tasks = ["age"]
licence = "CC0-1.0"
source = "a shop"
summary = "For tests."
[accuracy]
data = "dolls"
[accuracy.overall]
bucket_exact = 0.5
[[files]]
name = "age"
path = "age.onnx"
sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
"""
"""The hash is that of the four bytes "test"."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "models" / "toy").mkdir(parents=True)
    (tmp_path / "models" / "toy" / "card.toml").write_text(CARD)
    return tmp_path


def run(folder: Path, *arguments: str) -> Result:
    environment = {
        "AGELENS_MODELS_DIR": str(folder / "models"),
        "AGELENS_DATA_DIR": str(folder / "data"),
    }
    result = CliRunner().invoke(main, ["models", *arguments], env=environment)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def test_the_list_tells_licence_files_and_accuracy(folder: Path) -> None:
    output = run(folder, "list").output
    toy = output[output.index("toy") :]
    assert "CC0-1.0" in toy
    assert "missing: age.onnx (install with: agelens models install toy)" in toy
    assert "age group right 50.0% (dolls)" in toy
    for name in ("cydral", "levi-hassner", "googlenet", "article"):
        assert name in output


SHIPPED = list(read_cards([directory("models")]).values())


@pytest.mark.parametrize("card", SHIPPED, ids=lambda card: card.name)
def test_what_a_shipped_card_tells_of_accuracy_is_read(card: ModelCard) -> None:
    table = tomllib.loads((card.folder / "card.toml").read_text())["accuracy"]
    known = {
        "data",
        "meaning",
        "overall",
        "by_set",
        "by_bucket",
        "by_group",
        "by_size",
        "by_scenario",
    }
    assert set(table) <= known
    assert summary(card).endswith(f"({table['data']})")
    for measure in ("gender", "bucket_exact", "precision"):
        if measure in table["overall"]:
            assert f"{table['overall'][measure]:.1%}" in summary(card)
    [everyone, *_] = tables(card)
    assert any(cell.endswith("%") for _, cells in everyone.rows for cell in cells)


def test_the_list_tells_the_accuracy_of_every_shipped_one(folder: Path) -> None:
    output = run(folder, "list").output
    assert "not measured\n" not in output
    assert output.count("accuracy ") == len(SHIPPED) + 1


@pytest.mark.parametrize("table", ["overall = 1", 'overall = {gender = "good"}', "by_set = [1]"])
def test_an_accuracy_of_another_form_is_a_sentence(folder: Path, table: str) -> None:
    text = CARD.replace("[accuracy.overall]\nbucket_exact = 0.5\n", f"{table}\n")
    (folder / "models" / "toy" / "card.toml").write_text(text)
    result = run(folder, "list")
    assert result.exit_code == 1
    assert "card.toml" in result.output


def test_install_then_verify(folder: Path) -> None:
    (folder / "shop").mkdir()
    (folder / "shop" / "age.onnx").write_text("test")
    result = run(folder, "install", "toy", "--from", str(folder / "shop"))
    assert result.exit_code == 0
    assert run(folder, "verify", "toy").output == "toy  age.onnx  right\n"
    assert "already installed" in run(folder, "install", "toy").output


def test_a_wrong_file_fails_verification(folder: Path) -> None:
    (folder / "models" / "toy" / "age.onnx").write_text("rest")
    result = run(folder, "verify")
    assert result.exit_code == 1
    assert "toy  age.onnx  wrong" in result.output


def test_a_missing_file_fails_verification_only_where_it_is_asked_for(folder: Path) -> None:
    assert run(folder, "verify").exit_code == 0
    assert run(folder, "verify", "toy").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("install", "nobody"), "There is no network “nobody”"),
        (("install", "toy"), "give one with --from"),
        (("install", "toy", "--from", "nowhere"), "There is no file"),
        (("verify", "nobody"), "There is no network “nobody”"),
    ],
)
def test_what_fails_is_a_sentence(folder: Path, arguments: tuple[str, ...], words: str) -> None:
    result = run(folder, *arguments)
    assert result.exit_code == 1
    assert words in result.output


def test_analysing_with_a_missing_network_is_a_sentence(folder: Path) -> None:
    environment = {"AGELENS_MODELS_DIR": str(folder / "models")}
    command = ["analyze", "photo.jpg", "--model", "toy"]
    result = CliRunner().invoke(main, command, env=environment)
    assert result.exit_code == 1
    assert "agelens models install toy" in result.output

"""A network is loaded only from the files that its card names and hashes."""

import hashlib
from pathlib import Path

import pytest

from webapp.assets import directory
from webapp.vision.card import read_card, verified_files
from webapp.vision.errors import InvalidCard, ModelFileCorrupt, ModelFileMissing

CARD = """
name = "toy"
title = "A toy"
family = "toy"
tasks = ["age"]
licence = "CC0-1.0"
source = "nowhere"
summary = "For tests."
[input]
size = 8
[[files]]
name = "weights"
path = "weights.bin"
sha256 = "{sha256}"
"""


def folder(tmp_path: Path, weights: bytes | None) -> Path:
    model = tmp_path / "toy"
    model.mkdir()
    digest = hashlib.sha256(b"the real weights").hexdigest()
    (model / "card.toml").write_text(CARD.format(sha256=digest))
    if weights is not None:
        (model / "weights.bin").write_bytes(weights)
    return model


def test_a_file_with_the_right_hash_is_found(tmp_path: Path) -> None:
    model = folder(tmp_path, b"the real weights")
    assert verified_files(read_card(model)) == {"weights": model / "weights.bin"}


def test_a_missing_file_is_a_sentence_that_says_what_to_do(tmp_path: Path) -> None:
    card = read_card(folder(tmp_path, None))
    with pytest.raises(ModelFileMissing, match=r"weights\.bin.*agelens models install toy"):
        verified_files(card)


def test_an_installed_file_is_found_in_another_folder(tmp_path: Path) -> None:
    card = read_card(folder(tmp_path, None))
    (tmp_path / "installed" / "toy").mkdir(parents=True)
    (tmp_path / "installed" / "toy" / "weights.bin").write_bytes(b"the real weights")
    assert verified_files(card, [tmp_path / "installed"])


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    card = read_card(folder(tmp_path, b"other weights"))
    with pytest.raises(ModelFileCorrupt, match="SHA-256"):
        verified_files(card)


def test_a_card_without_a_licence_is_refused(tmp_path: Path) -> None:
    model = folder(tmp_path, None)
    card = model / "card.toml"
    card.write_text(card.read_text().replace('licence = "CC0-1.0"', ""))
    with pytest.raises(InvalidCard, match="licence"):
        read_card(model)


def test_the_product_ships_valid_cards() -> None:
    folders = [path.parent for path in directory("models").glob("*/card.toml")]
    assert "cydral" in {read_card(folder).name for folder in folders}

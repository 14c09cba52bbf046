"""What ``agelens train`` says where its extra is not installed."""

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from webapp.cli import main


def test_without_tensorflow_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    arguments = ["train", "--data", str(tmp_path), "--out", str(tmp_path / "model")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert result.output.startswith("Error: Training needs TensorFlow")
    assert "pip install 'agelens[train]'" in result.output

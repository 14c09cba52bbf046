"""What cannot be served stops the start with a sentence, before gunicorn takes over."""

import pytest
from click.testing import CliRunner

from webapp.cli import main


@pytest.mark.parametrize("variable", ["AGELENS_DETECTOR", "AGELENS_MODEL", "AGELENS_KEEP"])
def test_a_setting_that_makes_no_sense_is_a_sentence(variable: str) -> None:
    result = CliRunner().invoke(main, ["serve"], env={variable: "nonsense"})
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert "nonsense" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_that_does_not_exist_is_refused(port: str) -> None:
    assert CliRunner().invoke(main, ["serve", "--port", port]).exit_code == 2

"""What ``pip install`` brings is whole: code, pages, styles and model cards."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).parents[2]


def test_the_wheel_carries_pages_styles_translations_and_models(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=CHECKOUT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    files = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("templates", "static", "translations", "models"):
        there = {p.relative_to(CHECKOUT) for p in (CHECKOUT / folder).rglob("*") if p.is_file()}
        assert {f"webapp/_assets/{path.as_posix()}" for path in there} <= files
    assert "webapp/cli.py" in files

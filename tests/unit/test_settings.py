"""Settings are read strictly: a typo is a sentence, never a surprise."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from webapp.settings import InvalidSetting, Settings


def test_the_environment_overrides_the_defaults() -> None:
    settings = Settings.from_environment(
        {"AGELENS_KEEP": "30m", "AGELENS_MAX_BYTES": "5000", "AGELENS_DATA_DIR": "/srv/agelens"}
    )
    assert settings.keep == timedelta(minutes=30)
    assert settings.max_bytes == 5000
    assert settings.data_dir == Path("/srv/agelens")
    assert settings.detector == "mtcnn"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AGELENS_KEEP", "soon"),
        ("AGELENS_KEEP", "0"),
        ("AGELENS_KEEP", "9999999d"),
        ("AGELENS_DATA_DIR", ""),
        ("AGELENS_MAX_BYTES", "20MB"),
        ("AGELENS_MAX_BYTES", "-1"),
        ("AGELENS_INFERENCE_SLOTS", "0"),
    ],
)
def test_a_bad_value_names_its_variable(variable: str, value: str) -> None:
    with pytest.raises(InvalidSetting, match=f"^{variable}: not a valid"):
        Settings.from_environment({variable: value})

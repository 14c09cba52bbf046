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


def test_limits_and_watching_have_settings() -> None:
    settings = Settings.from_environment(
        {
            "AGELENS_RATE": "10/second",
            "AGELENS_DRAIN": "10s",
            "AGELENS_LOG": "json",
            "AGELENS_LOG_LEVEL": "warning",
            "AGELENS_METRICS": "open",
        }
    )
    assert (settings.rate, settings.drain) == ("10/second", timedelta(seconds=10))
    assert (settings.log, settings.log_level, settings.metrics) == ("json", "warning", "open")
    assert Settings.from_environment({"AGELENS_RATE": "off"}).rate == "off"
    assert Settings.from_environment({"AGELENS_DRAIN": "0s"}).drain == timedelta(0)


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
        ("AGELENS_RATE", ""),
        ("AGELENS_RATE", "0/minute"),
        ("AGELENS_RATE", "120"),
        ("AGELENS_RATE", "120/fortnight"),
        ("AGELENS_RATE", "1/second;2/minute"),
        ("AGELENS_DRAIN", "-1s"),
        ("AGELENS_LOG", "JSON"),
        ("AGELENS_LOG_LEVEL", "loud"),
        ("AGELENS_METRICS", "true"),
    ],
)
def test_a_bad_value_names_its_variable(variable: str, value: str) -> None:
    with pytest.raises(InvalidSetting, match=f"^{variable}: not a valid"):
        Settings.from_environment({variable: value})

"""Settings are read strictly: a typo is a sentence, never a surprise."""

from dataclasses import fields
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st

from webapp.cli import main
from webapp.setting_types import LONGEST_DURATION
from webapp.settings import InvalidSetting, Settings

GIVEN: dict[str, tuple[str, object]] = {
    "keep": ("30m", timedelta(minutes=30)),
    "max_bytes": ("5000", 5000),
    "data_dir": ("/srv/agelens", Path("/srv/agelens")),
    "rate": ("10/second", "10/second"),
    "drain": ("10s", timedelta(seconds=10)),
    "log": ("json", "json"),
    "log_level": ("warning", "warning"),
    "metrics": ("open", "open"),
}


def test_the_environment_overrides_the_defaults() -> None:
    environment = {f"AGELENS_{name.upper()}": text for name, (text, _) in GIVEN.items()}
    settings = Settings.from_environment(environment)
    assert {name: getattr(settings, name) for name in GIVEN} == {
        name: value for name, (_, value) in GIVEN.items()
    }
    assert settings.detector is None
    assert Settings.from_environment({"AGELENS_RATE": "off"}).rate == "off"
    assert Settings.from_environment({"AGELENS_DRAIN": "0s"}).drain == timedelta(0)


BAD = {
    "KEEP": ("soon", "0", "9999999d"),
    "MAX_BYTES": ("20MB", "-1"),
    "INFERENCE_SLOTS": ("0",),
    "PROXIES": ("-1",),
    "DATA_DIR": ("~nobody-of-this-name/agelens",),
    "RATE": ("0/minute", "120", "120/fortnight", "1/second;2/minute"),
    "DRAIN": ("-1s",),
    "LOG": ("JSON",),
    "LOG_LEVEL": ("loud",),
    "METRICS": ("true",),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_value_names_its_variable(name: str) -> None:
    for value in BAD[name]:
        with pytest.raises(InvalidSetting, match=f"^AGELENS_{name}: not valid: "):
            Settings.from_environment({f"AGELENS_{name}": value})


@pytest.mark.parametrize("variable", ["AGELENS_PROXIES", "AGELENS_INFERENCE_WAITING"])
def test_a_number_that_may_be_nothing_can_be_nothing(variable: str) -> None:
    settings = Settings.from_environment({variable: "0"})
    assert getattr(settings, variable.removeprefix("AGELENS_").lower()) == 0


@pytest.mark.parametrize("text", ["", " "])
def test_an_empty_variable_counts_as_unset(text: str) -> None:
    names = (f"AGELENS_{setting.name.upper()}" for setting in fields(Settings))
    assert Settings.from_environment(dict.fromkeys(names, text)) == Settings.from_environment({})


def test_a_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/alice")
    for variable in ("DATA_DIR", "MODELS_DIR", "USERS"):
        settings = Settings.from_environment({f"AGELENS_{variable}": "~/agelens"})
        assert str(getattr(settings, variable.lower())) == "/home/alice/agelens"
    folder = Settings.from_environment({"AGELENS_STORE": "~/agelens"})
    assert folder.store_address("albums") == "/home/alice/agelens/albums"
    bucket = Settings.from_environment({"AGELENS_STORE": "s3://bucket/~"})
    assert bucket.store_address("albums") == "s3://bucket/~/albums"


NAMES = [f"AGELENS_{setting.name.upper()}" for setting in fields(Settings)]
# What an environment can hold: no NUL, no lone surrogate.
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)


def read_or_sentence(name: str, text: str) -> object:
    """The value of the one setting that is given, or why there is none."""
    try:
        settings = Settings.from_environment({name: text})
    except InvalidSetting as error:
        return str(error)
    return getattr(settings, name.removeprefix("AGELENS_").lower())


@given(st.sampled_from(NAMES), texts | st.integers().map(str))
@example("AGELENS_DRAIN", "0")
@example("AGELENS_KEEP", "0")
def test_any_text_is_a_setting_that_makes_sense_or_names_its_variable(name: str, text: str) -> None:
    value = read_or_sentence(name, text)
    if not text.strip() or (isinstance(value, str) and value.startswith(f"{name}: not valid: ")):
        return
    assert not isinstance(value, str) or value == text
    assert not isinstance(value, int) or value == Decimal(text)
    shortest = timedelta(seconds=name != "AGELENS_DRAIN")
    assert not isinstance(value, timedelta) or shortest <= value <= LONGEST_DURATION


@given(st.integers(1, 10**12))
def test_a_whole_number_is_read_as_it_is_written(number: int) -> None:
    assert Settings.from_environment({"AGELENS_MAX_BYTES": str(number)}).max_bytes == number


@given(st.integers(1, 36_500), st.sampled_from(("", "s", "m", "h", "d")))
def test_a_duration_counts_in_its_unit(number: int, unit: str) -> None:
    seconds = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}[unit]
    keep = Settings.from_environment({"AGELENS_KEEP": f"{number}{unit}"}).keep
    assert keep == timedelta(seconds=number * seconds)


@pytest.mark.parametrize("text", ["1_000", " 5", "٣", "+5", "5,0"])
def test_a_number_is_written_in_plain_digits(text: str) -> None:
    for name in ("AGELENS_MAX_BYTES", "AGELENS_KEEP"):
        with pytest.raises(InvalidSetting):
            Settings.from_environment({name: text})


def test_the_documentation_describes_every_setting_as_it_is() -> None:
    page = Path("docs/configuration.md").read_text(encoding="utf-8")
    assert CliRunner().invoke(main, ["settings"]).output == page
    assert all(f"`{name}`" in page for name in NAMES)


def test_without_a_home_only_what_writes_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless(_name: str) -> Path:
        raise RuntimeError("could not determine the home directory")

    monkeypatch.setattr("platformdirs.user_data_path", homeless)
    settings = Settings.from_environment({})
    settings.refuse_homeless("s3://bucket")
    with pytest.raises(InvalidSetting, match="set AGELENS_DATA_DIR"):
        settings.refuse_homeless("s3://bucket", None)
    Settings.from_environment({"AGELENS_DATA_DIR": "/srv"}).refuse_homeless(None)

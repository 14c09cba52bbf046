"""Whatever text a form brings becomes a choice that makes sense, or one clear sentence."""

import unicodedata
from contextlib import suppress
from dataclasses import fields

import pytest
from flask import Request
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from webapp.results.schema import Choices
from webapp.results.upload import LONGEST_NAME, clean_name, stem
from webapp.vision.errors import UnknownModel
from webapp.vision.model_choice import ModelChoice
from webapp.web.errors import InvalidOption
from webapp.web.uploads import choices_of

FIELDS = ("detector", "model", "threshold", "turn")
values = st.text(max_size=40) | st.floats().map(str) | st.integers().map(str)


def form(**sent: str) -> Request:
    return Request(EnvironBuilder(method="POST", data=sent).get_environ())


@given(st.dictionaries(st.sampled_from(FIELDS), values))
def test_any_form_is_choices_in_range_or_an_invalid_option(sent: dict[str, str]) -> None:
    with suppress(InvalidOption):
        choices = choices_of(form(**sent))
        assert choices.threshold is None or 0 <= choices.threshold <= 1
        assert choices.quarter_turns in (None, 0, 1, 2, 3)
        assert choices.detector != ""
        assert choices.model != ""


@given(st.floats(0, 1))
def test_every_number_from_0_to_1_is_a_threshold(number: float) -> None:
    assert choices_of(form(threshold=repr(number))).threshold == number


@given(st.integers(0, 3), st.lists(st.integers(0, 3)))
def test_turns_add_up_to_less_than_a_whole_one(first: int, further: list[int]) -> None:
    choices = Choices(quarter_turns=first)
    for turn in further:
        choices = choices_of(form(turn=str(turn)), choices)
    assert choices.quarter_turns == (first + sum(further)) % 4


CHANGES = {"detector": "hog", "model": "other", "threshold": "0.5", "turn": "1"}
CHANGED = Choices("hog", "other", 0.5, 3)


@given(st.sets(st.sampled_from(FIELDS)))
def test_what_a_form_leaves_out_stays_as_it_was(sent: set[str]) -> None:
    before = Choices("haar", "cydral", 0.25, 2)
    after = choices_of(form(**{name: CHANGES[name] for name in sent}), before)
    for field in fields(Choices):
        name = "turn" if field.name == "quarter_turns" else field.name
        source = CHANGED if name in sent else before
        assert getattr(after, field.name) == getattr(source, field.name)


@given(st.dictionaries(st.sampled_from(("a", "b", "Turn", "photo")), values, min_size=1))
def test_a_field_that_nobody_reads_is_refused(sent: dict[str, str]) -> None:
    with pytest.raises(InvalidOption):
        choices_of(form(**sent), Choices())


@given(st.text(max_size=300))
@example("e\u200b\u0301.jpg")
@example("x " * 100)
def test_a_shown_name_is_short_visible_and_no_path(filename: str) -> None:
    name = clean_name(filename)
    assert 1 <= len(name) <= LONGEST_NAME
    assert not {"/", "\\"} & set(name)
    assert not {unicodedata.category(c) for c in name} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert clean_name(name) == name


@given(st.text(max_size=300))
def test_a_download_has_a_name_that_every_disk_takes(filename: str) -> None:
    name = stem(clean_name(filename))
    assert 1 <= len(name) <= LONGEST_NAME
    assert not set('<>:"|?*%;/\\') & set(name)
    assert name == name.strip(". ")


names = st.text(alphabet="abc-= ,", max_size=8)


@given(st.text(max_size=60) | st.builds("age={},gender={}".format, names, names))
@example("age=a=b,gender=a=b")
def test_a_choice_of_networks_is_written_as_it_is_read_or_refused(text: str) -> None:
    with suppress(UnknownModel):
        choice = ModelChoice.parse(text)
        assert ModelChoice.parse(str(choice)) == choice


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("family.jpg", "family.jpg"),
        ("a/b/../c.jpg", "c.jpg"),
        ("C:\\photos\\me.jpg", "me.jpg"),
        ("two\nlines\r\0.jpg", "twolines.jpg"),
        ("turned\u202egpj.exe", "turnedgpj.exe"),  # right-to-left override
        ("   ", "photo"),
        ("", "photo"),
        ("folder/", "photo"),
        ("y" * 500 + ".jpeg", "y" * 115 + ".jpeg"),
    ],
)
def test_a_shown_name_has_no_folder_and_no_control_character(given: str, shown: str) -> None:
    assert clean_name(given) == shown


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("family.jpg", "family"),
        ("a.b.c.jpg", "a.b.c"),
        (".htaccess", "photo"),
        ("..", "photo"),
        ('"><b>.jpg', "___b_"),
        ("no extension", "no extension"),
        ("holiday.2019/family.jpg", "family"),
        ("holiday/.jpg", "photo"),
    ],
)
def test_a_download_is_named_after_its_photo(name: str, expected: str) -> None:
    assert stem(name) == expected

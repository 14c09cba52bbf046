"""One name stands for one network, ``age=NAME,gender=NAME`` for two."""

import pytest

from webapp.vision.errors import UnknownModel
from webapp.vision.model_choice import ModelChoice


def test_one_name_is_one_network_for_both_tasks() -> None:
    assert ModelChoice.parse("cydral") == ModelChoice(age="cydral", gender="cydral")


@pytest.mark.parametrize("text", ["age=a,gender=b", "gender=b,age=a", " age=a, gender=b"])
def test_two_names_are_told_by_their_tasks(text: str) -> None:
    assert ModelChoice.parse(text) == ModelChoice(age="a", gender="b")


@pytest.mark.parametrize("text", ["cydral", "age=levi-hassner,gender=googlenet"])
def test_a_choice_is_written_as_it_is_read(text: str) -> None:
    assert str(ModelChoice.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    ["age=a", "age=,gender=b", "age=a,age=b", "age=a,gender=b,mood=c", "age=a,b", "=", "mood=a"],
)
def test_anything_else_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(UnknownModel, match="age=NAME,gender=NAME"):
        ModelChoice.parse(text)

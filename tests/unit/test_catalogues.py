"""Every catalogue has every sentence, with the same values and marks in it."""

import ast
import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog, Message

from tests.catalogues import (
    CHECKOUT,
    SHOWN,
    TRANSLATED,
    catalogue,
    classes_of,
    is_covered,
    path_of,
    sentences,
    updated,
    written,
)

# Values and the tags around words.
PARTS = re.compile(r"%\(\w+\)s|(?<!%\()\{\w+\}|</?[a-z][^>]*>")
# Told to operators in the log, or to programs.
OPERATORS = {"InvalidCard", "ModelFileCorrupt", "NoToken", "StoreUnavailable"}


@pytest.fixture(scope="module")
def template() -> Catalog:
    return sentences()


def forms_of(text: object) -> tuple[str, ...]:
    """A sentence, or the forms of one, of which the last has all values."""
    return tuple(map(str, text)) if isinstance(text, list | tuple) else (str(text),)


def translations(language: str) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_is_what_make_translations_writes(language: str, template: Catalog) -> None:
    """So it has every sentence, none that is gone, and nothing that changes for no reason."""
    assert written(updated(language, template)) == path_of(language).read_bytes()


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_is_translated_with_all_its_values(language: str) -> None:
    assert not catalogue(language).obsolete
    for message in translations(language):
        assert not message.fuzzy, message.id
        assert all(forms_of(message.string)), message.id
        wanted = sorted(PARTS.findall(forms_of(message.id)[-1]))
        for form in forms_of(message.string)[-1:]:
            assert sorted(PARTS.findall(form)) == wanted, message.id
        for form in forms_of(message.string):
            assert set(PARTS.findall(form)) <= set(wanted), message.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_babel_finds_nothing_wrong(language: str) -> None:
    assert [errors for _, errors in catalogue(language).check()] == []


@pytest.mark.parametrize("language", sorted({*TRANSLATED} - {"de"}))
def test_no_sentence_is_in_german_elsewhere(language: str) -> None:
    """Names and words that languages share have fewer than three words."""
    german = {message.id: message.string for message in translations("de")}
    for message in translations(language):
        for one, other in zip(forms_of(message.string), forms_of(german[message.id]), strict=False):
            assert one != other or len(PARTS.sub("", one).split()) < 3, message.id


def test_french_marks_have_their_space() -> None:
    for message in translations("fr"):
        for form in forms_of(message.string):
            assert not re.search(r"\w[;?!]|\w :| [;?!»]|« ", re.sub(PARTS, "", form)), form


def raised() -> Iterator[tuple[str, ast.expr]]:
    """The first argument of every error that a page may show, with where it is."""
    names = {kind.__name__ for kind in classes_of(SHOWN)} - OPERATORS
    for path in sorted((CHECKOUT / "webapp").rglob("*.py")):
        if not is_covered(path):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in names and node.args:
                yield f"{path.relative_to(CHECKOUT)}:{node.lineno}", node.args[0]


def test_errors_bring_their_values_beside_the_sentence() -> None:
    """A sentence with values already in it is in no catalogue."""
    for place, sentence in raised():
        built = any(isinstance(part, ast.JoinedStr | ast.BinOp) for part in ast.walk(sentence))
        assert not built or "_HOW_TO_SEND" in ast.dump(sentence), place  # which is for programs

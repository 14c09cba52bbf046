"""The documentation against the files and the command line that it speaks of."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from webapp.cli import main

PAGES = [
    Path("README.md"),
    Path("CONTRIBUTING.md"),
    Path("CHANGELOG.md"),
    *Path("docs").glob("*.md"),
]
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)")
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(agelens [^`]+)`")


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        linked = page.parent / target if target else page
        assert linked.exists(), target
        assert not anchor or anchor in _anchors(linked), f"{target}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_command_exists_with_its_options(page: Path) -> None:
    for line in _commands(page.read_text(encoding="utf-8")):
        words = shlex.split(line, comments=True)[1:]
        command: click.Command = main
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            assert words[0] in command.commands, line
            command = command.commands[words.pop(0)]
        options = {
            name for option in command.params for name in (*option.opts, *option.secondary_opts)
        }
        unknown = (
            {word for word in words if word.startswith("--")} - options - {"--help", "--version"}
        )
        assert not unknown, line


def _commands(text: str) -> Iterator[str]:
    lines = [
        line for block in BLOCK.findall(text) for line in block.replace("\\\n", " ").splitlines()
    ]
    yield from (line for line in lines if line.startswith("agelens "))
    yield from (line for line in INLINE.findall(text) if "…" not in line)


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_make_target_exists(page: Path) -> None:
    targets = set(re.findall(r"^([\w-]+):", Path("Makefile").read_text("utf-8"), re.MULTILINE))
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"`make ([a-z-]+)[^`]*`", text)
    named += [
        name
        for block in BLOCK.findall(text)
        for name in re.findall(r"^make ([a-z-]+)", block, re.MULTILINE)
    ]
    assert set(named) <= targets


def test_every_command_is_documented() -> None:
    table = Path("docs/command-line.md").read_text(encoding="utf-8")
    shown = [name for name, command in main.commands.items() if not command.hidden]
    assert [name for name in shown if f"`agelens {name}" not in table] == []


def test_the_layout_names_what_exists() -> None:
    text = Path("CONTRIBUTING.md").read_text(encoding="utf-8")
    paths = re.findall(r"`((?:webapp|tests|templates|static|models|deploy|docs)[\w/.]*)`", text)
    assert len(paths) > 30
    assert [path for path in paths if not Path(path).exists()] == []


def test_the_table_of_detectors_is_that_of_their_cards() -> None:
    row = re.compile(r"^\| `(\w+)`(?: \(default\))? \| ([\d. |]+) \|$", re.MULTILINE)
    rows = row.findall(Path("README.md").read_text(encoding="utf-8"))
    assert len(rows) == 4
    for name, numbers in rows:
        accuracy = tomllib.loads(Path(f"models/{name}/card.toml").read_text("utf-8"))["accuracy"]
        scenarios = ("one person", "several people", "looking away", "partly hidden")
        measured = [accuracy["by_scenario"][scenario]["recall_20"] for scenario in scenarios]
        assert [float(n) for n in numbers.split(" | ")] == [
            *measured,
            accuracy["overall"]["precision"],
        ]

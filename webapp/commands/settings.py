"""``agelens settings``: generates docs/configuration.md."""

from dataclasses import MISSING, Field, fields
from datetime import timedelta
from typing import Any

import click

from webapp.settings import Settings, variable_of

_HEAD = """# Configuration

Settings are environment variables, read once when agelens starts. An empty variable counts as unset; an invalid value stops the start with an error message. `agelens settings` writes this page.

| variable | default | meaning |
|---|---|---|
"""  # noqa: E501 # a paragraph of Markdown is one line


@click.command()
def settings() -> None:
    """Describe all settings, in Markdown."""
    click.echo(_HEAD + "".join(map(_row, fields(Settings))), nl=False)


def _row(one: Field[Any]) -> str:
    default = "–" if one.default in (MISSING, None, ()) else f"`{_in_words(one.default)}`"
    return f"| `{variable_of(one.name)}` | {default} | {one.metadata['meaning']} |\n"


def _in_words(value: object) -> str:
    if not isinstance(value, timedelta):
        return str(value)
    seconds = int(value.total_seconds())
    sizes = {"d": 86_400, "h": 3600, "m": 60}
    unit = next((unit for unit, size in sizes.items() if seconds and not seconds % size), "s")
    return f"{seconds // sizes.get(unit, 1)}{unit}"

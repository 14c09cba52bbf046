"""Writes the TOML of a model card."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

CardValue: TypeAlias = "str | bool | int | float | Sequence[CardValue] | Mapping[str, CardValue]"

PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+")


def card_text(card: Mapping[str, CardValue]) -> str:
    """TOML of nested tables; a list of tables becomes an array of tables."""
    return "\n".join(_lines(card, ())).strip() + "\n"


def _lines(table: Mapping[str, CardValue], path: tuple[str, ...]) -> Iterator[str]:
    tables = {key: _tables(value) for key, value in table.items()}
    for key, value in table.items():
        if not tables[key]:
            # A scalar or a list of scalars; JSON writes those as TOML does.
            yield f"{_key(key)} = {json.dumps(value, ensure_ascii=False)}"
    for key, value in table.items():
        inner = (*path, _key(key))
        header = ".".join(inner)
        for one in tables[key]:
            yield f"\n[{header}]" if isinstance(value, Mapping) else f"\n[[{header}]]"
            yield from _lines(one, inner)


def _tables(value: CardValue) -> list[Mapping[str, CardValue]]:
    """The tables that a value is made of; empty for scalars and lists of scalars."""
    if isinstance(value, Mapping):
        return [value]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [one for one in value if isinstance(one, Mapping)]
    return []


def _key(key: str) -> str:
    return key if PLAIN_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)

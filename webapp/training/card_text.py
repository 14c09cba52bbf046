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
    for key, value in table.items():
        if not _is_table(value) and not _is_table_list(value):
            yield f"{_key(key)} = {_value(value)}"
    for key, value in table.items():
        inner = (*path, _key(key))
        if isinstance(value, Mapping):
            yield f"\n[{'.'.join(inner)}]"
            yield from _lines(value, inner)
        elif _is_table_list(value):
            for one in value:
                yield f"\n[[{'.'.join(inner)}]]"
                yield from _lines(one, inner)


def _is_table(value: CardValue) -> bool:
    return isinstance(value, Mapping)


def _is_table_list(value: CardValue) -> bool:
    return isinstance(value, list) and all(isinstance(one, Mapping) for one in value)


def _key(key: str) -> str:
    return key if PLAIN_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _value(value: CardValue) -> str:
    """A scalar or a list of scalars; JSON writes those as TOML does."""
    return json.dumps(value, ensure_ascii=False)

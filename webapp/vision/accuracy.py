"""How right a detector or network was when it was measured: the table ``[accuracy]`` of a card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

Measures = Mapping[str, float]
"""A number of faces, and figures by name: shares from 0 to 1, an age's error in years."""
Groups = Mapping[str, Measures]


@dataclass(frozen=True)
class Accuracy:
    """What was measured on all faces and on groups of them; empty where nothing was."""

    # On which faces, and by whom where not by us.
    data: str = ""
    overall: Measures = field(default_factory=dict)
    by_set: Groups = field(default_factory=dict)
    by_bucket: Groups = field(default_factory=dict)
    by_group: Groups = field(default_factory=dict)
    by_scenario: Groups = field(default_factory=dict)

    @classmethod
    def of(cls, table: object) -> Accuracy:
        """The table as a card has it. Raises ValueError where it is of another form."""
        return msgspec.convert(table, cls)

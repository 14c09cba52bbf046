"""The measured accuracy of a detector or network: the table ``[accuracy]`` of a card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

Measures = Mapping[str, float]
"""A number of faces, and figures by name: shares from 0 to 1, an age's error in years."""
Groups = Mapping[str, Measures]


@dataclass(frozen=True)
class Accuracy:
    """Measures over all faces and over groups of them; empty if nothing was measured."""

    # The faces measured on, and who measured if it was not us.
    data: str = ""
    overall: Measures = field(default_factory=dict)
    by_set: Groups = field(default_factory=dict)
    by_bucket: Groups = field(default_factory=dict)
    by_group: Groups = field(default_factory=dict)
    by_scenario: Groups = field(default_factory=dict)

    @classmethod
    def of(cls, table: object) -> Accuracy:
        """From a card's table. Raises ValueError if it has another form."""
        return msgspec.convert(table, cls)

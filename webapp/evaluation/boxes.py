"""Photos whose faces are boxed by people, in the form of WIDER FACE's attributes."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from webapp.evaluation.labels import InvalidLabels
from webapp.vision.types import Box

COLUMNS = ("path", "x", "y", "w", "h")


@dataclass(frozen=True)
class LabelledFace:
    """One face: its box in pixels of the photo, and what WIDER FACE says of it.

    ``occlusion`` is 0 none, 1 partial, 2 heavy; ``pose`` is 0 typical, 1 atypical; both are None
    where the file is silent. An ``invalid`` face is too poor to be asked for.
    """

    box: Box
    invalid: bool = False
    occlusion: int | None = None
    pose: int | None = None


def read_boxes(path: Path) -> dict[str, list[LabelledFace]]:
    """Photo's path → its faces, from a CSV file with the columns path, x, y, w, h and, where they
    are known, invalid, occlusion and pose. A row with an empty box names a photo without faces.

    Raises InvalidLabels.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidLabels(f"{path} cannot be read: {error}") from error
    if rows and (missing := set(COLUMNS) - rows[0].keys()):
        raise InvalidLabels(f"{path} has no column {', '.join(sorted(missing))}")
    return _by_photo(path, rows)


def _by_photo(
    path: Path, rows: Iterable[Mapping[str, str | None]]
) -> dict[str, list[LabelledFace]]:
    photos: dict[str, list[LabelledFace]] = defaultdict(list)
    for line, row in enumerate(rows, start=2):
        faces = photos[row["path"] or ""]
        try:
            if row["w"]:
                faces.append(_face(row))
        except (ValueError, OverflowError) as error:  # the latter for an infinite side
            raise InvalidLabels(f"{path}, line {line}: {error}") from error
    return dict(photos)


def _face(row: Mapping[str, str | None]) -> LabelledFace:
    x, y, width, height = (round(float(row[column] or "")) for column in COLUMNS[1:])
    return LabelledFace(
        box=Box(x, y, width, height),
        invalid=bool(_number(row, "invalid")),
        occlusion=_number(row, "occlusion"),
        pose=_number(row, "pose"),
    )


def _number(row: Mapping[str, str | None], column: str) -> int | None:
    text = row.get(column)
    return int(text) if text else None

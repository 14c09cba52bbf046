"""How many labelled faces each detector finds, by size and by the article's scenarios."""

import csv
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from webapp.evaluation.labels import InvalidLabels
from webapp.vision.detectors.base import DetectionOptions, Detector
from webapp.vision.photo import Photo
from webapp.vision.types import Box, Detection

MATCH = 0.4
"""Intersection over union from which on a face counts as found. Lower than the usual 0.5: detectors
were taught to frame faces in different ways, and we ask whether they see them."""

SIZES = (20, 40, 80)
"""Heights in pixels from which on faces are asked for."""

COLUMNS = ("path", "x", "y", "w", "h")
"""Of a file of labelled boxes, in the form of WIDER FACE's attributes."""


@dataclass(frozen=True)
class LabelledFace:
    """One face: its box in pixels of the photo, and what WIDER FACE says of it.

    ``occlusion`` is 0 none, 1 partial, 2 heavy; ``pose`` is 0 typical, 1 atypical; both are None
    where the file is silent. Faces marked ``invalid`` are excluded from scoring.
    """

    box: Box
    invalid: bool = False
    occlusion: int | None = None
    pose: int | None = None


@dataclass(frozen=True)
class SoughtFace:
    """A labelled face, the kind of photo it is in, and whether a detector found it."""

    face: LabelledFace
    # Number of faces to find in the same photo, including this one.
    company: int
    found: bool


@dataclass(frozen=True)
class DetectorScore:
    """One detector's results on all photos."""

    detector: str
    faces: list[SoughtFace] = field(default_factory=list)
    # One entry per detection: whether it is a labelled face.
    detections: list[bool] = field(default_factory=list)
    # One entry per photo.
    seconds: list[float] = field(default_factory=list)

    def recall(self, asked: Callable[[SoughtFace], bool]) -> float | None:
        """The share of faces to find that were found; None if there are none."""
        hits = [one.found for one in self.faces if asked(one)]
        return sum(hits) / len(hits) if hits else None

    def count(self, asked: Callable[[SoughtFace], bool]) -> int:
        """The number of faces to find."""
        return sum(asked(one) for one in self.faces)

    @property
    def precision(self) -> float | None:
        """The share of detections that are faces; None if there are none."""
        return sum(self.detections) / len(self.detections) if self.detections else None

    @property
    def seconds_per_photo(self) -> float | None:
        return sum(self.seconds) / len(self.seconds) if self.seconds else None


def _is_hidden(one: SoughtFace) -> bool:
    return bool(one.face.occlusion)


def _looks_away(one: SoughtFace) -> bool:
    return bool(one.face.pose)


SCENARIOS: dict[str, Callable[[SoughtFace], bool]] = {
    "one person": lambda one: one.company == 1 and not _is_hidden(one) and not _looks_away(one),
    "several people": lambda one: one.company > 1 and not _is_hidden(one) and not _looks_away(one),
    "looking away": _looks_away,
    "partly hidden": _is_hidden,
}
"""The article's four kinds of photo, by the labels of their faces."""


def score_photo(
    score: DetectorScore,
    detector: Detector,
    photo: Photo,
    labelled: Sequence[LabelledFace],
    options: DetectionOptions,
) -> None:
    """Run a detector on one photo and add the result to its score."""
    started = time.perf_counter()
    detections = detector.detect(photo, options)
    score.seconds.append(time.perf_counter() - started)
    matches = dict(match([face.box for face in labelled], detections))
    company = sum(_is_asked_for(face) for face in labelled)
    score.faces.extend(
        SoughtFace(face, company, number in matches)
        for number, face in enumerate(labelled)
        if _is_asked_for(face)
    )
    taken = set(matches.values())
    score.detections.extend(number in taken for number in range(len(detections)))


def match(boxes: Sequence[Box], detections: Sequence[Detection]) -> Iterator[tuple[int, int]]:
    """Pairs of (labelled face, detection), each at most once, the closest first."""
    pairs = (
        (detection.box.iou(box), face, number)
        for face, box in enumerate(boxes)
        for number, detection in enumerate(detections)
    )
    close = sorted((pair for pair in pairs if pair[0] >= MATCH), reverse=True)
    faces: set[int] = set()
    numbers: set[int] = set()
    for _, face, number in close:
        if face not in faces and number not in numbers:
            faces.add(face)
            numbers.add(number)
            yield face, number


def recall_tables(scores: Iterable[DetectorScore]) -> str:
    """Two Markdown tables: recall by face size with precision and time; recall by scenario."""
    scores = list(scores)
    lines = [
        f"| detector | {' | '.join(f'recall, faces ≥ {size} px' for size in SIZES)} "
        f"| precision | s / photo |",
        "|---" * (len(SIZES) + 3) + "|",
    ]
    for one in scores:
        recalls = [_share(one.recall(_at_least(size))) for size in SIZES]
        cells = [one.detector, *recalls, _share(one.precision), _share(one.seconds_per_photo)]
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", f"| scenario | faces | {' | '.join(one.detector for one in scores)} |"]
    lines.append("|---" * (len(scores) + 2) + "|")
    for name, asked in SCENARIOS.items():
        large = _both(asked, _at_least(SIZES[0]))
        recalls = [_share(one.recall(large)) for one in scores]
        count = scores[0].count(large) if scores else 0
        lines.append(f"| {name} | {count} | {' | '.join(recalls)} |")
    return "\n".join(lines)


def _is_asked_for(face: LabelledFace) -> bool:
    return not face.invalid and face.box.height >= SIZES[0]


def _at_least(size: int) -> Callable[[SoughtFace], bool]:
    return lambda one: one.face.box.height >= size


def _both(
    first: Callable[[SoughtFace], bool], second: Callable[[SoughtFace], bool]
) -> Callable[[SoughtFace], bool]:
    return lambda one: first(one) and second(one)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


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

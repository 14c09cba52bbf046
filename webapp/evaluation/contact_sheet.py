"""The worst mistakes as small pictures inside an HTML page."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence

from webapp.evaluation.labels import Label, LabelledSet
from webapp.evaluation.report import Mistake
from webapp.vision.decode import decode
from webapp.vision.photo import encode_jpeg

SIDE = 112


def pictures(labelled: LabelledSet, mistakes: Sequence[Mistake]) -> Mapping[str, str]:
    """A ``data:`` address of a small JPEG for each mistake's path."""
    labels = {label.path: label for label in labelled.labels}
    return {mistake.path: _address(labelled, labels[mistake.path]) for mistake in mistakes}


def _address(labelled: LabelledSet, label: Label) -> str:
    small = decode(labelled.read(label)).bounded(SIDE)
    return "data:image/jpeg;base64," + base64.b64encode(encode_jpeg(small, 80)).decode()

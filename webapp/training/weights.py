"""Reads the weights of a TensorFlow.js graph model: ``NAME.json`` beside its ``.bin`` shards.

The format is the "weights manifest" of tensorflow/tfjs (``tfjs-core/src/io/types.ts``): every
weight's name, shape and dtype, in the order in which its bytes follow one another in the shards.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from webapp.errors import AgelensError

Weights = dict[str, npt.NDArray[np.float32]]
"""Arrays by the name of their constant in the graph."""


class UnreadableWeights(AgelensError):
    """A file of initial weights contradicts its manifest or has an unknown format."""


def read_graph_weights(manifest: Path) -> Weights:
    """The weights of a TensorFlow.js graph model as ``float32``.

    Stored ``float32`` and ``float16`` are understood. Raises UnreadableWeights.
    """
    try:
        groups = json.loads(manifest.read_text())["weightsManifest"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableWeights(f"{manifest} is no TensorFlow.js graph model.") from error
    weights: Weights = {}
    for group in groups:
        content = b"".join((manifest.parent / path).read_bytes() for path in group["paths"])
        weights.update(_split(content, group["weights"]))
    return weights


def _split(content: bytes, entries: list[Mapping[str, Any]]) -> Weights:
    weights: Weights = {}
    offset = 0
    for entry in entries:
        stored = np.dtype(entry.get("quantization", entry)["dtype"])
        if "scale" in entry.get("quantization", {}):
            raise UnreadableWeights(f"{entry['name']} is quantized to {stored}.")
        count = math.prod(entry["shape"])
        if offset + count * stored.itemsize > len(content):
            raise UnreadableWeights(f"{entry['name']} lies beyond the end of its file.")
        values = np.frombuffer(content, stored, count, offset).reshape(entry["shape"])
        weights[entry["name"]] = values.astype(np.float32)
        offset += count * stored.itemsize
    return weights

"""Weights of TensorFlow.js graph models are read as float32, whatever they are stored as."""

import json
from pathlib import Path

import numpy as np
import pytest

from webapp.training.weights import UnreadableWeights, read_graph_weights

KERNEL = np.arange(6, dtype=np.float32).reshape(2, 3)
BIAS = np.array([0.5, -0.25], np.float16)


def write(folder: Path, bias: dict[str, object], content: bytes) -> Path:
    entries = [{"name": "kernel", "shape": [2, 3], "dtype": "float32"}, bias]
    (folder / "net.bin").write_bytes(content)
    manifest = {"weightsManifest": [{"paths": ["net.bin"], "weights": entries}]}
    (folder / "net.json").write_text(json.dumps(manifest))
    return folder / "net.json"


HALF = {
    "name": "bias",
    "shape": [2],
    "dtype": "float32",
    "quantization": {"dtype": "float16", "original_dtype": "float32"},
}


def test_float32_and_float16(tmp_path: Path) -> None:
    weights = read_graph_weights(write(tmp_path, HALF, KERNEL.tobytes() + BIAS.tobytes()))
    np.testing.assert_array_equal(weights["kernel"], KERNEL)
    np.testing.assert_array_equal(weights["bias"], [0.5, -0.25])
    assert weights["bias"].dtype == np.float32


def test_a_file_that_is_too_short_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableWeights, match="bias"):
        read_graph_weights(write(tmp_path, HALF, KERNEL.tobytes()))


def test_quantized_integers_are_told(tmp_path: Path) -> None:
    quantized = {**HALF, "quantization": {"dtype": "uint8", "scale": 0.1, "min": 0}}
    with pytest.raises(UnreadableWeights, match="quantized"):
        read_graph_weights(write(tmp_path, quantized, KERNEL.tobytes() + b"ab"))


def test_another_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "some.json").write_text("[]")
    with pytest.raises(UnreadableWeights, match=r"some\.json"):
        read_graph_weights(tmp_path / "some.json")

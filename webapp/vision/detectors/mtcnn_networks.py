"""The three networks of MTCNN as ONNX Runtime sessions, with the weights of the ``mtcnn`` package.

Zhang, Zhang, Li, Qiao: "Joint Face Detection and Alignment Using Multitask Cascaded Convolutional
Networks" (2016). The layers are those of the package's PNet, RNet and ONet. The package itself is
never imported: that would import TensorFlow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import joblib
import numpy as np
import onnxruntime

from webapp.vision.detectors.boxes import Floats
from webapp.vision.errors import ModelFileMissing
from webapp.vision.onnx_graph import Array, Dimension, GraphBuilder, Window
from webapp.vision.onnx_session import open_session
from webapp.vision.types import Pixels

# The package feeds (pixel − 127.5) / 128.
PIXEL_MEAN = 127.5
PIXEL_SCALE = 128.0

# Pictures in one batch; bounds the memory of RNet and ONet, however many proposals there are.
MOST_AT_ONCE = 128


@dataclass(frozen=True)
class Networks:
    """The cascade's sessions; each takes RGB ``uint8`` of shape (n, height, width, 3)."""

    proposal: onnxruntime.InferenceSession
    refinement: onnxruntime.InferenceSession
    output: onnxruntime.InferenceSession

    @classmethod
    def load(cls, threads: int = 0) -> Networks:
        """Build all three. Raises ModelFileMissing where the package is not installed."""
        folder = _weights_folder()
        return cls(
            _open(_proposal_graph, folder / "pnet.lz4", threads),
            _open(_refinement_graph, folder / "rnet.lz4", threads),
            _open(_output_graph, folder / "onet.lz4", threads),
        )


def run(session: onnxruntime.InferenceSession, pixels: Pixels) -> tuple[Floats, ...]:
    """The outputs of a session for pictures of shape (n, height, width, 3), in bounded batches."""
    batches = [
        session.run(None, {"pixels": pixels[start : start + MOST_AT_ONCE]})
        for start in range(0, max(1, len(pixels)), MOST_AT_ONCE)
    ]
    return tuple(np.concatenate(outputs) for outputs in zip(*batches, strict=True))


def _weights_folder() -> Path:
    package = find_spec("mtcnn")
    if package is None or package.origin is None:
        raise ModelFileMissing(
            "The package “mtcnn”, which holds the detector's weights, is missing."
        )
    return Path(package.origin).parent / "assets" / "weights"


def _open(
    graph_of: Callable[[Iterator[Array]], GraphBuilder], weights: Path, threads: int
) -> onnxruntime.InferenceSession:
    if not weights.is_file():
        raise ModelFileMissing(f"The file {weights.name} of the package “mtcnn” is missing.")
    graph = graph_of(iter(joblib.load(weights)))
    return open_session(graph.build().SerializeToString(), threads)


def _proposal_graph(weights: Iterator[Array]) -> GraphBuilder:
    """PNet: box offsets and the probability of a face for 12×12 windows two pixels apart."""
    graph, tensor = _begin("pnet", "height", "width")
    tensor = _first_convolution(graph, tensor, weights)
    tensor = graph.max_pool(tensor, 2, Window(stride=2, same=True))
    tensor = _convolution(graph, tensor, weights)
    tensor = _convolution(graph, tensor, weights)
    offsets = graph.conv(tensor, next(weights), next(weights))
    scores = graph.softmax(graph.conv(tensor, next(weights), next(weights)), axis=1)
    graph.output(offsets, "offsets", ("n", 4, "rows", "columns"))
    graph.output(scores, "scores", ("n", 2, "rows", "columns"))
    return graph


def _refinement_graph(weights: Iterator[Array]) -> GraphBuilder:
    """RNet: box offsets and the probability of a face for pictures of 24×24."""
    graph, tensor = _begin("rnet", 24, 24)
    tensor = _first_convolution(graph, tensor, weights)
    tensor = graph.max_pool(tensor, 3, Window(stride=2, same=True))
    tensor = _convolution(graph, tensor, weights)
    tensor = graph.max_pool(tensor, 3, Window(stride=2))
    tensor = _convolution(graph, tensor, weights)
    tensor = _dense_on_map(graph, tensor, weights, (3, 3, 64))
    graph.output(graph.dense(tensor, next(weights), next(weights)), "offsets", ("n", 4))
    _output_scores(graph, tensor, weights)
    return graph


def _output_graph(weights: Iterator[Array]) -> GraphBuilder:
    """ONet: box offsets, five landmarks and the probability of a face for pictures of 48×48."""
    graph, tensor = _begin("onet", 48, 48)
    tensor = _first_convolution(graph, tensor, weights)
    tensor = graph.max_pool(tensor, 3, Window(stride=2, same=True))
    tensor = _convolution(graph, tensor, weights)
    tensor = graph.max_pool(tensor, 3, Window(stride=2))
    tensor = _convolution(graph, tensor, weights)
    tensor = graph.max_pool(tensor, 2, Window(stride=2, same=True))
    tensor = _convolution(graph, tensor, weights)
    tensor = _dense_on_map(graph, tensor, weights, (3, 3, 128))
    graph.output(graph.dense(tensor, next(weights), next(weights)), "offsets", ("n", 4))
    graph.output(graph.dense(tensor, next(weights), next(weights)), "landmarks", ("n", 10))
    _output_scores(graph, tensor, weights)
    return graph


def _begin(name: str, height: Dimension, width: Dimension) -> tuple[GraphBuilder, str]:
    graph = GraphBuilder(name)
    pixels = graph.input("pixels", ("n", height, width, 3), np.uint8)
    return graph, graph.pixels_to_nchw(pixels)


def _first_convolution(graph: GraphBuilder, tensor: str, weights: Iterator[Array]) -> str:
    """A convolution that sees pixels of 0…255: its weights take the normalisation over."""
    kernel, bias, slope = next(weights), next(weights), next(weights)
    scaled = kernel / PIXEL_SCALE
    centred = bias - PIXEL_MEAN * scaled.sum(axis=(0, 1, 2))
    return graph.prelu(graph.conv(tensor, scaled, centred), _per_channel(slope))


def _convolution(graph: GraphBuilder, tensor: str, weights: Iterator[Array]) -> str:
    convolved = graph.conv(tensor, next(weights), next(weights))
    return graph.prelu(convolved, _per_channel(next(weights)))


def _dense_on_map(
    graph: GraphBuilder, tensor: str, weights: Iterator[Array], shape: tuple[int, int, int]
) -> str:
    """A dense layer on a whole map; the package flattens (width, height, channels), we NCHW."""
    kernel = next(weights)
    reordered = kernel.reshape(*shape, -1).transpose(2, 1, 0, 3).reshape(kernel.shape)
    return graph.prelu(graph.dense(graph.flatten(tensor), reordered, next(weights)), next(weights))


def _output_scores(graph: GraphBuilder, tensor: str, weights: Iterator[Array]) -> None:
    logits = graph.dense(tensor, next(weights), next(weights))
    graph.output(graph.softmax(logits), "scores", ("n", 2))


def _per_channel(slope: Array) -> Array:
    """Shape (1, 1, channels) becomes (channels, 1, 1)."""
    return slope.reshape(-1, 1, 1)

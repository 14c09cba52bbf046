"""The three networks of MTCNN as ONNX Runtime sessions, with the weights of the ``mtcnn`` package.

Zhang, Zhang, Li, Qiao: "Joint Face Detection and Alignment Using Multitask Cascaded Convolutional
Networks" (2016). The layers are those of the package's PNet, RNet and ONet. The package itself is
never imported: that would import TensorFlow.
"""

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import joblib
import lz4.frame
import numpy as np
import onnx

from webapp.vision.inference import Network
from webapp.vision.onnx_graph import Array, Dimension, GraphBuilder, Window

# The package feeds (pixel − 127.5) / 128.
PIXEL_MEAN = 127.5
PIXEL_SCALE = 128.0


# ONNX Runtime keeps channels in blocks of 16 where the processor has AVX-512 and of 8 elsewhere.
# Layers whose channels do not fill their blocks leave that layout and take twice the time.
CHANNEL_BLOCK = 16
# Pictures of 24 or 48 pixels that RNet and ONet take at once; bounds the memory.
MOST_PATCHES = 64


@dataclass(frozen=True)
class Networks:
    """The cascade's networks; each takes RGB ``float32``, 0…255, of shape (n, height, width, 3).

    Their answers are offsets of the box's four edges, then for ONet five x and five y of landmarks,
    and last the logit of "face". PNet gives a map of them, shape (n, 5, rows, columns).
    """

    proposal: Network
    refinement: Network
    output: Network

    @classmethod
    def load(cls, files: Mapping[str, Path]) -> "Networks":
        """Build all three from the files ``pnet``, ``rnet`` and ``onet``."""
        models = mtcnn_models(files)
        return cls(*(Network.load(model.SerializeToString(), MOST_PATCHES) for model in models))


def mtcnn_models(
    files: Mapping[str, Path],
) -> tuple[onnx.ModelProto, onnx.ModelProto, onnx.ModelProto]:
    """PNet, RNet and ONet with the package's weights.

    The files are pickles, which may run anything: they must have been checked.
    """
    return (
        _model(_proposal_graph, files["pnet"]),
        _model(_refinement_graph, files["rnet"]),
        _model(_output_graph, files["onet"]),
    )


def _model(graph_of: Callable[[Iterator[Array]], GraphBuilder], weights: Path) -> onnx.ModelProto:
    # Decompressed here: reading through lz4's file object complains on Python 3.13 when it closes.
    arrays = joblib.load(io.BytesIO(lz4.frame.decompress(weights.read_bytes())))
    return graph_of(iter(arrays)).build()


def _proposal_graph(weights: Iterator[Array]) -> GraphBuilder:
    """PNet: box offsets and the logit of a face for 12×12 windows two pixels apart."""
    graph, tensor = _begin("pnet", "height", "width")
    tensor = _first_layer(graph, tensor, weights, pool=2)
    tensor = _convolution(graph, tensor, weights)
    tensor = _convolution(graph, tensor, weights)
    kernel, bias = _joined(_pair(weights), _face_against_rest(weights))
    graph.output(graph.conv(tensor, kernel, bias), "answers", ("n", 5, "rows", "columns"))
    return graph


def _refinement_graph(weights: Iterator[Array]) -> GraphBuilder:
    """RNet: box offsets and the logit of a face for pictures of 24×24."""
    graph, tensor = _begin("rnet", 24, 24)
    tensor = _first_layer(graph, tensor, weights, pool=3)
    tensor = _convolution(graph, tensor, weights)
    tensor = graph.max_pool(tensor, 3, Window(stride=2))
    tensor = _convolution(graph, tensor, weights)
    tensor = _dense_on_map(graph, tensor, weights, (3, 3, 64))
    kernel, bias = _joined(_pair(weights), _face_against_rest(weights))
    graph.output(graph.dense(tensor, kernel, bias), "answers", ("n", 5))
    return graph


def _output_graph(weights: Iterator[Array]) -> GraphBuilder:
    """ONet: box offsets, five landmarks and the logit of a face for pictures of 48×48."""
    graph, tensor = _begin("onet", 48, 48)
    tensor = _first_layer(graph, tensor, weights, pool=3)
    tensor = _convolution(graph, tensor, weights)
    tensor = graph.max_pool(tensor, 3, Window(stride=2))
    tensor = _convolution(graph, tensor, weights)
    tensor = graph.max_pool(tensor, 2, Window(stride=2, same=True))
    tensor = _convolution(graph, tensor, weights)
    tensor = _dense_on_map(graph, tensor, weights, (3, 3, 128))
    kernel, bias = _joined(_pair(weights), _pair(weights), _face_against_rest(weights))
    graph.output(graph.dense(tensor, kernel, bias), "answers", ("n", 15))
    return graph


def _begin(name: str, height: Dimension, width: Dimension) -> tuple[GraphBuilder, str]:
    graph = GraphBuilder(name)
    pixels = graph.input("pixels", ("n", height, width, 3), np.float32)
    return graph, graph.pixels_to_nchw(pixels)


def _first_layer(graph: GraphBuilder, tensor: str, weights: Iterator[Array], pool: int) -> str:
    """Convolution of pixels of 0…255, PReLU and max pooling, reordered to pool first.

    Let u and w be the greatest x and −x that a pooling window sees. Where a slope a is positive,
    PReLU grows with x, so the pool of it is a·u + (1 − a)·relu(u). Where it is negative, the pool
    is max(u, −a·w), or u + relu(−a·w − u). Either is ``linear``·(u, w) + ``outer``·relu(``inner``
    ·(u, w)), on a quarter of the pixels; w is computed for negative slopes only.
    """
    kernel, bias = _for_pixels(next(weights), next(weights))
    slope = next(weights).ravel()
    falling = np.flatnonzero(slope < 0)
    kernel = _blocked(np.concatenate([kernel, -kernel[..., falling]], axis=-1))
    bias = _blocked(np.concatenate([bias, -bias[falling]]))
    extremes = graph.max_pool(graph.conv(tensor, kernel, bias), pool, Window(2, same=True))

    linear = np.diag(np.where(slope < 0, 1, slope))
    linear = np.concatenate([linear, np.zeros_like(linear[falling])])
    inner = np.concatenate([np.diag(np.where(slope < 0, -1, 1)), np.diag(-slope)[falling]])
    outer = np.diag(np.where(slope < 0, 1, 1 - slope))
    linear, inner, outer = (_blocked(_blocked(m, axis=0)) for m in (linear, inner, outer))
    bent = graph.mix_channels(graph.relu(graph.mix_channels(extremes, inner)), outer)
    return graph.add(graph.mix_channels(extremes, linear), bent)


def _for_pixels(kernel: Array, bias: Array) -> tuple[Array, Array]:
    """Weights that include the package's normalisation of pixels."""
    scaled = kernel / PIXEL_SCALE
    return scaled, bias - PIXEL_MEAN * scaled.sum(axis=(0, 1, 2))


def _convolution(graph: GraphBuilder, tensor: str, weights: Iterator[Array]) -> str:
    kernel = _blocked(next(weights), axis=2)  # as many channels as the layer before gives
    convolved = graph.conv(tensor, kernel, next(weights))
    return graph.prelu_of_channels(convolved, next(weights).ravel())


def _dense_on_map(
    graph: GraphBuilder, tensor: str, weights: Iterator[Array], shape: tuple[int, int, int]
) -> str:
    """A dense layer on a whole map; the package flattens (width, height, channels), we NCHW."""
    kernel = next(weights)
    reordered = kernel.reshape(*shape, -1).transpose(2, 1, 0, 3).reshape(kernel.shape)
    return graph.prelu(graph.dense(graph.flatten(tensor), reordered, next(weights)), next(weights))


def _blocked(values: Array, axis: int = -1) -> Array:
    """Weights with zeros along an axis until the channels fill whole blocks."""
    missing = [(0, 0)] * values.ndim
    missing[axis] = (0, -values.shape[axis] % CHANNEL_BLOCK)
    return np.pad(values, missing)


def _pair(weights: Iterator[Array]) -> tuple[Array, Array]:
    return next(weights), next(weights)


def _joined(*layers: tuple[Array, Array]) -> tuple[Array, Array]:
    """Kernel and bias of one layer that gives what several give, one after the other."""
    kernels, biases = zip(*layers, strict=True)
    return np.concatenate(kernels, axis=-1), np.concatenate(biases)


def _face_against_rest(weights: Iterator[Array]) -> tuple[Array, Array]:
    """Weights of the two classes (no face, face) as one: their softmax is a sigmoid of this."""
    kernel, bias = next(weights), next(weights)
    return kernel[..., 1:] - kernel[..., :1], bias[1:] - bias[:1]

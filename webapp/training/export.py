"""From a trained Keras network to the ONNX file that is served."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import onnx

from webapp.training.network import BLOCKS, MEAN_RGB, SCALE
from webapp.training.targets import YEARS
from webapp.vision.onnx_graph import GraphBuilder, Window


def to_onnx(network: keras.Model, weight_type: Any = np.float16) -> onnx.ModelProto:
    """The network as an ONNX model with one input and one output.

    ``pictures``: RGB, ``uint8``, shape (n, side, side, 3). ``logits``: ``float32``, shape
    (n, 102), the 101 years followed by "female".
    """
    side = network.input_shape[1]
    graph = GraphBuilder("agelens", weight_type)
    pictures = graph.input("pictures", ("n", side, side, 3), np.uint8)
    x = _normalized(graph, graph.pixels_to_nchw(pictures))
    x = graph.relu6(_conv(graph, x, network.get_layer("conv1"), Window(2, same=True)))
    for number, (_, stride) in enumerate(BLOCKS, start=1):
        depthwise = network.get_layer(f"depthwise{number}")
        x = graph.relu6(_depthwise(graph, x, depthwise, Window(stride, same=True)))
        x = graph.relu6(_conv(graph, x, network.get_layer(f"pointwise{number}"), Window()))
    x = graph.relu(graph.dense(graph.global_average_pool(x), *_weights(network, "shared")))
    heads = zip(_weights(network, "age"), _weights(network, "gender"), strict=True)
    kernel, bias = (np.concatenate(pair, axis=-1) for pair in heads)
    graph.output(graph.dense(x, kernel, bias), "logits", ("n", YEARS + 1))
    return graph.build()


def _normalized(graph: GraphBuilder, x: str) -> str:
    """(pixels − mean) / scale, as a convolution of each channel with one weight."""
    mean = np.array(MEAN_RGB, np.float32)
    kernel = np.full((1, 1, 1, 3), 1 / SCALE, np.float32)
    return graph.conv(x, kernel, -mean / SCALE, groups=3)


def _weights(network: keras.Model, layer: str) -> list[Any]:
    weights: list[Any] = network.get_layer(layer).get_weights()
    return weights


def _conv(graph: GraphBuilder, x: str, layer: Any, window: Window) -> str:
    kernel, bias = layer.get_weights()
    return graph.conv(x, kernel, bias, window)


def _depthwise(graph: GraphBuilder, x: str, layer: Any, window: Window) -> str:
    kernel, bias = layer.get_weights()
    return graph.conv(x, kernel.transpose(0, 1, 3, 2), bias, window, groups=kernel.shape[2])

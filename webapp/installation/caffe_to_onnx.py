"""Caffe's networks as ONNX graphs, so that one engine runs everything.

OpenCV's ``dnn`` would read Caffe's files, too. It takes nearly twice the processor time for Levi
and Hassner's network, on one core at a time, and OpenCV 5 no longer reads them.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from webapp.installation.caffe_files import MAX_POOLING, CaffeLayer, CaffeNetwork, InvalidCaffeFile
from webapp.vision.onnx_graph import IR_VERSION, OPSET
from webapp.vision.types import Floats


def caffe_to_onnx(network: CaffeNetwork) -> onnx.ModelProto:
    """The same network for batches of any size; its output is the top of the last layer.

    Raises InvalidCaffeFile if a layer is of a kind that is not converted, or lacks its weights.
    """
    graph = _Graph(network.input)
    for layer in network.layers:
        if layer.kind not in _CONVERTERS:
            raise InvalidCaffeFile(f"Layers of the kind {layer.kind} are not converted.")
        _CONVERTERS[layer.kind](graph, layer)
    batch: list[int | str | None] = ["n", *network.input_shape[1:]]
    output = graph.tensor(network.layers[-1].tops[0])
    onnx_graph = helper.make_graph(
        graph.nodes,
        "caffe",
        [helper.make_tensor_value_info(network.input, TensorProto.FLOAT, batch)],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)],
        graph.weights,
    )
    opset = [helper.make_opsetid("", OPSET)]
    return helper.make_model(onnx_graph, opset_imports=opset, ir_version=IR_VERSION)


class _Graph:
    """Nodes and weights so far. Caffe's layers may write onto their input; here every tensor is
    written once, and a blob's name stands for the tensor that was written last.
    """

    def __init__(self, first: str) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self._latest = {first: first}

    def tensor(self, blob: str) -> str:
        if blob not in self._latest:
            raise InvalidCaffeFile(f"No layer gives {blob}, which a later one takes.")
        return self._latest[blob]

    def inputs(self, layer: CaffeLayer) -> list[str]:
        return [self.tensor(blob) for blob in layer.bottoms]

    def same(self, layer: CaffeLayer) -> None:
        """Let a layer's output be its input."""
        self._latest[layer.tops[0]] = self.tensor(layer.bottoms[0])

    def add(
        self, operator: str, layer: CaffeLayer, inputs: Sequence[str], **attributes: Any
    ) -> None:
        """A node whose output is the layer's."""
        self.nodes.append(helper.make_node(operator, inputs, [layer.name], **attributes))
        self._latest[layer.tops[0]] = layer.name

    def weight(self, layer: CaffeLayer, part: str, values: Floats) -> str:
        name = f"{layer.name} {part}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def kernel_and_bias(self, layer: CaffeLayer, kernel_dimensions: int) -> list[str]:
        """A layer's weights; old files write every kernel with four dimensions."""
        if len(layer.weights) != 2:
            raise InvalidCaffeFile(f"The layer {layer.name} has no kernel and bias.")
        kernel, bias = layer.weights
        shape = kernel.shape if kernel_dimensions == 4 else (-1, kernel.shape[-1])
        return [
            self.weight(layer, "kernel", kernel.reshape(shape)),
            self.weight(layer, "bias", bias.ravel()),
        ]


def _convolution(graph: _Graph, layer: CaffeLayer) -> None:
    options = layer.parameters.convolution_param
    window = {
        "pads": 2 * _two(options.pad, 0),
        "strides": _two(options.stride, 1),
        "group": options.group,
    }
    inputs = [*graph.inputs(layer), *graph.kernel_and_bias(layer, 4)]
    graph.add("Conv", layer, inputs, **window)


def _two(values: Sequence[int], default: int) -> list[int]:
    """Height's and width's share of a setting that is given for both, for each, or not at all."""
    return (list(values) * 2)[:2] or [default, default]


def _pooling(graph: _Graph, layer: CaffeLayer) -> None:
    """The last window may reach beyond the border, which ONNX calls the ceiling mode."""
    options = layer.parameters.pooling_param
    window: dict[str, Any] = {
        "kernel_shape": [options.kernel_size] * 2,
        "strides": [options.stride] * 2,
        "pads": [options.pad] * 4,
        "ceil_mode": 1,
    }
    if options.pool == MAX_POOLING:
        graph.add("MaxPool", layer, graph.inputs(layer), **window)
    else:
        graph.add("AveragePool", layer, graph.inputs(layer), count_include_pad=1, **window)


def _normalization(graph: _Graph, layer: CaffeLayer) -> None:
    options = layer.parameters.lrn_param
    settings = {
        "size": options.local_size,
        "alpha": options.alpha,
        "beta": options.beta,
        "bias": options.k,
    }
    graph.add("LRN", layer, graph.inputs(layer), **settings)


def _dense(graph: _Graph, layer: CaffeLayer) -> None:
    flat = f"{layer.name} flat"
    graph.nodes.append(helper.make_node("Flatten", graph.inputs(layer), [flat]))
    graph.add("Gemm", layer, [flat, *graph.kernel_and_bias(layer, 2)], transB=1)


def _relu(graph: _Graph, layer: CaffeLayer) -> None:
    graph.add("Relu", layer, graph.inputs(layer))


def _concatenation(graph: _Graph, layer: CaffeLayer) -> None:
    axis = layer.parameters.concat_param.axis
    graph.add("Concat", layer, graph.inputs(layer), axis=axis)


def _softmax(graph: _Graph, layer: CaffeLayer) -> None:
    graph.add("Softmax", layer, graph.inputs(layer), axis=1)


_CONVERTERS: dict[str, Callable[[_Graph, CaffeLayer], None]] = {
    "Concat": _concatenation,
    "Convolution": _convolution,
    "Dropout": _Graph.same,  # only training drops
    "InnerProduct": _dense,
    "LRN": _normalization,
    "Pooling": _pooling,
    "ReLU": _relu,
    "Softmax": _softmax,
}

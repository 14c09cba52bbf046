"""Builds ONNX graphs of convolutional networks, one call per layer.

Tensors are NCHW unless a method says otherwise. Every layer takes the name of its input tensor
and returns the name of its output tensor. Weights have the layout of Keras: convolutions
(height, width, in, out), dense layers (in, out).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

Array = npt.NDArray[np.floating]
Dimension = int | str
"""A fixed size, or the name of one that is only known when the network runs."""

OPSET = 18
# The oldest file format that has this opset, so that older runtimes read the file as well.
IR_VERSION = 8


@dataclass(frozen=True)
class Window:
    """How a convolution or a pooling moves over its input.

    ``same`` pads as Keras does: the output has ceil(size / stride) pixels and, where the padding
    is odd, the extra pixel lies at the bottom and right. Otherwise ``padding`` (top, left, bottom,
    right) is added as it stands.
    """

    stride: int = 1
    same: bool = False
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)

    def attributes(self) -> dict[str, Any]:
        strides = [self.stride, self.stride]
        if self.same:
            return {"strides": strides, "auto_pad": "SAME_UPPER"}
        return {"strides": strides, "pads": list(self.padding)}


class GraphBuilder:
    """A graph that grows layer by layer.

    Weights are stored as ``weight_type``; float16 halves the file and is cast to float32 when the
    network is loaded, so arithmetic is always float32.
    """

    def __init__(self, name: str, weight_type: npt.DTypeLike = np.float32) -> None:
        self._name = name
        self._weight_type = np.dtype(weight_type)
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def input(
        self, name: str, shape: Sequence[Dimension], dtype: npt.DTypeLike = np.float32
    ) -> str:
        """An input of the network."""
        element = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        self._inputs.append(helper.make_tensor_value_info(name, element, shape))
        return name

    def output(self, tensor: str, name: str, shape: Sequence[Dimension]) -> None:
        """Make a ``float32`` tensor an output with the given name."""
        self._nodes.append(helper.make_node("Identity", [tensor], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def pixels_to_nchw(self, pixels: str) -> str:
        """Pictures of any number type, shape (n, height, width, channels), to NCHW ``float32``."""
        return self.transpose(self._node("Cast", [pixels], to=TensorProto.FLOAT), (0, 3, 1, 2))

    def transpose(self, tensor: str, order: Sequence[int]) -> str:
        return self._node("Transpose", [tensor], perm=list(order))

    def conv(
        self, tensor: str, weights: Array, bias: Array, window: Window = Window(), groups: int = 1
    ) -> str:
        """A convolution; ``weights`` have shape (height, width, in / groups, out)."""
        kernel = np.transpose(weights, (3, 2, 0, 1))
        inputs = [tensor, self._weight(kernel), self._weight(bias)]
        return self._node(
            "Conv", inputs, kernel_shape=list(kernel.shape[2:]), group=groups, **window.attributes()
        )

    def mix_channels(self, tensor: str, matrix: Array) -> str:
        """At every pixel, multiply the channels by a matrix of shape (in, out)."""
        no_bias = np.zeros(matrix.shape[1], np.float32)
        return self.conv(tensor, matrix[np.newaxis, np.newaxis], no_bias)

    def scale_channels(self, tensor: str, factors: Array) -> str:
        """Multiply each channel by a factor of its own; ``factors`` have shape (channels,)."""
        no_bias = np.zeros_like(factors, np.float32)
        return self.conv(tensor, factors.reshape(1, 1, 1, -1), no_bias, groups=len(factors))

    def add(self, tensor: str, other: str) -> str:
        return self._node("Add", [tensor, other])

    def prelu(self, tensor: str, slope: Array) -> str:
        """max(x, 0) + slope · min(x, 0); ``slope`` must broadcast against the tensor."""
        return self._node("PRelu", [tensor, self._weight(slope)])

    def prelu_of_channels(self, tensor: str, slope: Array) -> str:
        """PReLU with a slope for each channel, shape (channels,), none greater than 1.

        Written as slope · x + relu((1 − slope) · x), because ONNX Runtime's own PRelu leaves the
        blocked memory layout that makes its convolutions fast, and these do not.
        """
        if slope.max() > 1:
            raise ValueError("prelu_of_channels takes slopes of at most 1")
        bent = self.relu(self.scale_channels(tensor, 1 - slope))
        return self.add(self.scale_channels(tensor, slope), bent)

    def relu6(self, tensor: str) -> str:
        """Clip to 0…6."""
        return self._node("Clip", [tensor, self._constant(0.0), self._constant(6.0)])

    def relu(self, tensor: str) -> str:
        return self._node("Relu", [tensor])

    def max_pool(self, tensor: str, size: int, window: Window) -> str:
        return self._node("MaxPool", [tensor], kernel_shape=[size, size], **window.attributes())

    def global_average_pool(self, tensor: str) -> str:
        """Shape (n, channels, height, width) becomes (n, channels)."""
        return self.flatten(self._node("GlobalAveragePool", [tensor]))

    def flatten(self, tensor: str) -> str:
        """Shape (n, ...) becomes (n, product of the rest)."""
        return self._node("Flatten", [tensor], axis=1)

    def dense(self, tensor: str, weights: Array, bias: Array) -> str:
        """A fully connected layer on shape (n, in); ``weights`` have shape (in, out)."""
        return self._node("Gemm", [tensor, self._weight(weights), self._weight(bias)])

    def sigmoid(self, tensor: str) -> str:
        return self._node("Sigmoid", [tensor])

    def softmax(self, tensor: str, axis: int = -1) -> str:
        return self._node("Softmax", [tensor], axis=axis)

    def build(self) -> onnx.ModelProto:
        """The finished model, checked. Raises onnx.checker.ValidationError where it is wrong."""
        graph = helper.make_graph(
            self._nodes, self._name, self._inputs, self._outputs, self._weights
        )
        opset = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, opset_imports=opset, ir_version=IR_VERSION)
        onnx.checker.check_model(model)
        return model

    def _node(self, operator: str, inputs: list[str], **attributes: Any) -> str:
        output = f"{operator.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def _constant(self, value: float) -> str:
        return self._initializer(np.asarray(value, np.float32))

    def _weight(self, values: Array) -> str:
        name = self._initializer(values.astype(self._weight_type))
        if self._weight_type == np.float32:
            return name
        return self._node("Cast", [name], to=TensorProto.FLOAT)

    def _initializer(self, values: npt.NDArray[np.generic]) -> str:
        name = f"weights_{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

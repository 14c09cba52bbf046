"""Converts published networks to the ONNX files that are served, once, at installation."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import helper, numpy_helper, shape_inference

from webapp.files import write_whole
from webapp.installation.caffe_files import read_caffe
from webapp.installation.caffe_to_onnx import caffe_to_onnx
from webapp.installation.fetch import WrongContent
from webapp.vision.card import ModelFile, sums, sums_of


def convert(file: ModelFile, sources: Sequence[Path], target: Path) -> None:
    """Write a converted file and its ``sums``. ``sources`` are weights in ONNX, or weights and
    layers in Caffe's formats.

    Raises WrongContent if they hold no network.
    """
    try:
        weights, *layers = sources
        model = caffe_to_onnx(read_caffe(layers[0], weights)) if layers else onnx.load(weights)
        converted = with_fast_normalization(model).SerializeToString()
    except (ValueError, DecodeError, onnx.shape_inference.InferenceError) as error:
        raise WrongContent(f"{sources[0]} holds no network that agelens can read.") from error
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, converted)
    write_whole(sums_of(target), "".join(f"{one}\n" for one in sums(target, file)).encode())


def with_fast_normalization(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same network with local response normalization spelt out in faster operators.

    ONNX Runtime raises every value to a power one at a time, which takes two fifths of GoogLeNet's
    time. Normalization is ``x · (bias + alpha / size · Σ x²)^-beta``, the sum going over ``size``
    neighbouring channels: a 1×1 convolution of x² with a banded kernel, and, for the usual beta of
    0.75, two square roots.
    """
    inferred = shape_inference.infer_shapes(model)
    channels = {
        value.name: value.type.tensor_type.shape.dim[1].dim_value
        for value in inferred.graph.value_info
    }
    rewritten = onnx.ModelProto()
    rewritten.CopyFrom(model)
    del rewritten.graph.node[:]
    for node in model.graph.node:
        width = channels.get(node.input[0], 0) if node.op_type == "LRN" else 0
        if width and _attribute(node, "beta", 0.75) == 0.75:
            kernel, bias = _banded(node, width)
            rewritten.graph.initializer.extend([kernel, bias])
            rewritten.graph.node.extend(_spelt_out(node, kernel.name, bias.name))
        else:
            rewritten.graph.node.append(node)
    return rewritten


def _banded(node: onnx.NodeProto, channels: int) -> tuple[onnx.TensorProto, onnx.TensorProto]:
    """Kernel and bias of the convolution that gives bias + alpha / size · Σ x²."""
    size = int(_attribute(node, "size", 5))
    places = np.arange(channels)
    distance = places[np.newaxis] - places[:, np.newaxis]
    band = (-((size - 1) // 2) <= distance) & (distance <= size // 2)
    kernel = band[:, :, np.newaxis, np.newaxis] * (_attribute(node, "alpha", 1e-4) / size)
    bias = np.full(channels, _attribute(node, "bias", 1.0))
    return (
        numpy_helper.from_array(kernel.astype(np.float32), f"{node.output[0]}_band"),
        numpy_helper.from_array(bias.astype(np.float32), f"{node.output[0]}_bias"),
    )


def _spelt_out(node: onnx.NodeProto, kernel: str, bias: str) -> Iterator[onnx.NodeProto]:
    """Gives x / (√s · √√s), s being the convolution of x²."""
    x, y = node.input[0], node.output[0]
    squares, sums, root, fourth, divisor = (f"{y}_{step}" for step in range(5))
    yield helper.make_node("Mul", [x, x], [squares])
    yield helper.make_node("Conv", [squares, kernel, bias], [sums])
    yield helper.make_node("Sqrt", [sums], [root])
    yield helper.make_node("Sqrt", [root], [fourth])
    yield helper.make_node("Mul", [root, fourth], [divisor])
    yield helper.make_node("Div", [x, divisor], [y])


def _attribute(node: onnx.NodeProto, name: str, default: float) -> float:
    """A number among a node's attributes, in the precision that it was stored with."""
    for attribute in node.attribute:
        if attribute.name == name:
            return float(np.float32(helper.get_attribute_value(attribute)))
    return default

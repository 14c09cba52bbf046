"""Writes and reads GoogLeNet as in the ONNX model zoo: opset 11, one picture at a time."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper, numpy_helper

from tests.models.article_networks import CLASSIFIER, INCEPTIONS, Inception, Weights

OUTPUT = "loss3/loss3_Y"


def write_googlenet(path: Path, weights: Weights, softmax: bool = True) -> None:
    """The whole network; without ``softmax`` it ends in the scores, as some conversions do."""
    nodes = list(_nodes(weights))
    last = "Softmax" if softmax else "Identity"
    nodes.append(helper.make_node(last, [CLASSIFIER], [OUTPUT]))
    classes = len(weights[CLASSIFIER][1])
    graph = helper.make_graph(
        nodes,
        "googlenet",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, (1, 3, 224, 224))],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, (1, classes))],
        [
            numpy_helper.from_array(values, f"{name}_{part}")
            for name, pair in weights.items()
            for part, values in zip("WB", pair, strict=True)
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=6)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


def read_googlenet(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> Weights:
    """The weights of the layers that ``shapes`` names; nodes or their outputs have the names."""
    graph = onnx.load(path).graph
    tensors = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    weights = {}
    for node in graph.node:
        names = {node.name, *(output.removesuffix("_Y") for output in node.output)}
        names |= {name.removesuffix("_linear") for name in names}
        for name in names & shapes.keys():
            if node.op_type in ("Conv", "Gemm"):
                kernel, bias = (tensors[tensor] for tensor in node.input[1:])
                weights[name] = (kernel.reshape(shapes[name]), bias.ravel())
    return weights


def _nodes(weights: Weights) -> Iterator[onnx.NodeProto]:
    yield from _conv(weights, "conv1/7x7_s2", "input", stride=2)
    yield _pool("pool1/3x3_s2", "conv1/7x7_s2")
    yield _norm("pool1/norm1", "pool1/3x3_s2")
    yield from _conv(weights, "conv2/3x3_reduce", "pool1/norm1")
    yield from _conv(weights, "conv2/3x3", "conv2/3x3_reduce")
    yield _norm("conv2/norm2", "conv2/3x3")
    yield _pool("pool2/3x3_s2", "conv2/norm2")
    tensor = "pool2/3x3_s2"
    for module in INCEPTIONS:
        yield from _inception(weights, module, tensor)
        tensor = f"{module.name}/output"
        if module.then_pool is not None:
            yield _pool(module.then_pool, tensor)
            tensor = module.then_pool
    yield helper.make_node("GlobalAveragePool", [tensor], ["pool5/7x7_s1"])
    yield helper.make_node("Flatten", ["pool5/7x7_s1"], ["flat"])
    inputs = ["flat", f"{CLASSIFIER}_W", f"{CLASSIFIER}_B"]
    yield helper.make_node("Gemm", inputs, [CLASSIFIER], transB=1)


def _inception(weights: Weights, module: Inception, tensor: str) -> Iterator[onnx.NodeProto]:
    name = module.name
    yield from _conv(weights, f"{name}/1x1", tensor)
    yield from _conv(weights, f"{name}/3x3_reduce", tensor)
    yield from _conv(weights, f"{name}/3x3", f"{name}/3x3_reduce")
    yield from _conv(weights, f"{name}/5x5_reduce", tensor)
    yield from _conv(weights, f"{name}/5x5", f"{name}/5x5_reduce")
    yield _pool(f"{name}/pool", tensor, stride=1, pads=(1, 1, 1, 1))
    yield from _conv(weights, f"{name}/pool_proj", f"{name}/pool")
    branches = [f"{name}/{branch}" for branch in ("1x1", "3x3", "5x5", "pool_proj")]
    yield helper.make_node("Concat", branches, [f"{name}/output"], axis=1)


def _conv(weights: Weights, name: str, tensor: str, stride: int = 1) -> Iterator[onnx.NodeProto]:
    size = weights[name][0].shape[2]
    window: dict[str, Any] = {"pads": [size // 2] * 4, "strides": [stride] * 2}
    inputs = [tensor, f"{name}_W", f"{name}_B"]
    yield helper.make_node("Conv", inputs, [f"{name}_linear"], **window)
    yield helper.make_node("Relu", [f"{name}_linear"], [name])


def _pool(
    name: str, tensor: str, stride: int = 2, pads: tuple[int, int, int, int] = (0, 0, 0, 0)
) -> onnx.NodeProto:
    window: dict[str, Any] = {"kernel_shape": [3, 3], "strides": [stride] * 2, "pads": pads}
    return helper.make_node("MaxPool", [tensor], [name], ceil_mode=1, **window)


def _norm(name: str, tensor: str) -> onnx.NodeProto:
    return helper.make_node("LRN", [tensor], [name], size=5, alpha=1e-4, beta=0.75, bias=1.0)

"""How near each network is to what the processor can do: ``python -m benchmarks.limits``.

Multiply-adds are counted from the layers as they are run, those with zeros that fill a block of
channels among them. Beside them stands what ONNX Runtime reaches in a product of large matrices,
which the best convolutions surpass a little. Everything runs on one core, in turns.
"""

import math
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, shape_inference

from benchmarks.photos import SIZES
from tests.models.generated_models import write_models
from webapp.assets import directory
from webapp.installation.caffe_files import read_caffe
from webapp.installation.caffe_to_onnx import caffe_to_onnx
from webapp.installation.convert import with_fast_normalization
from webapp.vision.card import read_card, verified_files
from webapp.vision.detectors.base import DetectionSettings
from webapp.vision.detectors.mtcnn_networks import mtcnn_models
from webapp.vision.detectors.pyramid import pyramid_scales
from webapp.vision.inference import open_session
from webapp.vision.photo import Photo

ROUNDS = 15
MATRIX = 2048


@dataclass(frozen=True, eq=False)
class Subject:
    """A network and the inputs that stand for one use of it."""

    name: str
    model: onnx.ModelProto
    inputs: tuple[npt.NDArray[np.generic], ...]

    @property
    def multiply_adds(self) -> int:
        """Of all convolutions and matrix products, for all inputs."""
        return sum(_multiply_adds(self.model, values.shape) for values in self.inputs)


def subjects(models: Path) -> Iterator[Subject]:
    """The product first, then every network of the default pipeline and of the article's."""
    matrix = _random(MATRIX, MATRIX)
    yield Subject("product of matrices", _matrix_product(), (matrix,))
    mtcnn = verified_files(read_card(directory("models") / "mtcnn"))
    proposal, refinement, output = mtcnn_models(mtcnn)
    yield Subject("PNet, 2.6 MP photo", proposal, tuple(_levels()))
    yield Subject("RNet, 64 proposals", refinement, (_random(64, 24, 24, 3),))
    yield Subject("ONet, 8 candidates", output, (_random(8, 48, 48, 3),))
    views = (255 * _random(2, 160, 160, 3)).astype(np.uint8)
    agelens = onnx.load(directory("models") / "agelens" / "network.onnx")
    yield Subject("agelens, face and mirror", agelens, (views,))
    small = models / "levi-hassner"
    caffe = read_caffe(small / "age_net.prototxt", small / "age_net.caffemodel")
    converted = with_fast_normalization(caffe_to_onnx(caffe))
    yield Subject("Levi and Hassner, a face", converted, (_random(1, 3, 227, 227),))
    googlenet = onnx.load(models / "googlenet" / "gender_googlenet.onnx")
    faces = (_random(1, 3, 224, 224),)
    yield Subject("GoogLeNet, a face", with_fast_normalization(googlenet), faces)


def best_seconds(subject: Subject) -> float:
    """The quickest of some rounds on one core."""
    session = open_session(subject.model.SerializeToString(), threads=1)
    name = session.get_inputs()[0].name
    times = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for values in subject.inputs:
            session.run(None, {name: values})
        times.append(time.process_time() - started)
    return min(times)


def _levels() -> Iterator[npt.NDArray[np.float32]]:
    width, height = SIZES["2.6 MP"]
    settings = DetectionSettings.of(read_card(directory("models") / "mtcnn"))
    copy = Photo.of(np.empty((height, width, 3), np.uint8)).bounded_area(settings.pixels)
    for scale in pyramid_scales(copy.astype(np.float32), settings.minimum_face):
        yield _random(1, int(copy.shape[0] * scale), int(copy.shape[1] * scale), 3)


def _matrix_product() -> onnx.ModelProto:
    shape = (MATRIX, MATRIX)
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in "xy"]
    other = onnx.numpy_helper.from_array(_random(*shape), "other")
    product = helper.make_node("MatMul", ["x", "other"], ["y"])
    graph = helper.make_graph([product], "product", ends[:1], ends[1:], [other])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)


def _random(*shape: int) -> npt.NDArray[np.float32]:
    return np.random.default_rng(0).uniform(0, 1, shape).astype(np.float32)


def _multiply_adds(model: onnx.ModelProto, shape: tuple[int, ...]) -> int:
    fixed = onnx.ModelProto()
    fixed.CopyFrom(model)
    dimensions = fixed.graph.input[0].type.tensor_type.shape.dim
    for dimension, size in zip(dimensions, shape, strict=True):
        dimension.dim_value = size
    inferred = shape_inference.infer_shapes(fixed).graph
    known = [*inferred.value_info, *inferred.input, *inferred.output]
    shapes = {
        value.name: [d.dim_value for d in value.type.tensor_type.shape.dim] for value in known
    }
    shapes |= {weights.name: list(weights.dims) for weights in inferred.initializer}
    return sum(_of_node(node, shapes) for node in inferred.node)


def _of_node(node: onnx.NodeProto, shapes: Mapping[str, list[int]]) -> int:
    if node.op_type not in ("Conv", "Gemm", "MatMul"):
        return 0
    outputs, weights = math.prod(shapes[node.output[0]]), shapes[node.input[1]]
    if node.op_type == "Conv":
        return outputs * math.prod(weights[1:])
    return outputs * math.prod(shapes[node.input[0]][1:])


def table() -> str:
    """A line a network."""
    lines = [f"{'network':28}{'million MAC':>14}{'ms':>9}{'GMAC/s':>9}{'of product':>12}"]
    product = 0.0
    with tempfile.TemporaryDirectory() as folder:
        write_models(Path(folder))
        for subject in subjects(Path(folder)):
            count, seconds = subject.multiply_adds, best_seconds(subject)
            speed = count / seconds
            product = product or speed
            numbers = f"{count / 1e6:>14.0f}{1000 * seconds:>9.2f}{speed / 1e9:>9.1f}"
            lines.append(f"{subject.name:28}{numbers}{speed / product:>12.0%}")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())

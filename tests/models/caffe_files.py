"""Writes and reads ``.caffemodel`` files; that they are Caffe's, OpenCV's reader of them tells."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tests.models.article_networks import Array, Weights
from webapp.installation.caffe_files import message

CONVOLUTION, INNER_PRODUCT = 4, 14  # V1LayerParameter.LayerType


def write_caffemodel(path: Path, weights: Weights) -> None:
    """Weights in the format of today's Caffe, as Lapuschkin et al. publish theirs."""
    network = message("NetParameter")
    for name, (kernel, bias) in weights.items():
        kind = "Convolution" if kernel.ndim == 4 else "InnerProduct"
        layer = network.layer.add(name=name, type=kind)
        for values in (kernel, bias):
            blob = layer.blobs.add(data=[values.tobytes()])
            blob.shape.dim.extend(values.shape)
    path.write_bytes(network.SerializeToString())


def write_old_caffemodel(path: Path, weights: Weights) -> None:
    """Weights in the format of Caffe before 2015, as Levi and Hassner publish theirs."""
    network = message("NetParameter")
    for name, (kernel, bias) in weights.items():
        kind = CONVOLUTION if kernel.ndim == 4 else INNER_PRODUCT
        layer = network.layers.add(name=name, type=kind)
        for values in (kernel, bias):
            layer.blobs.add(data=[values.tobytes()], **_old_shape(values))
    path.write_bytes(network.SerializeToString())


def read_caffemodel(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> Weights:
    """The weights of the layers that ``shapes`` names, from a file of either format."""
    network = message("NetParameter")
    network.ParseFromString(path.read_bytes())
    layers = {layer.name: layer for layer in [*network.layers, *network.layer]}
    return {
        name: (
            np.frombuffer(b"".join(layers[name].blobs[0].data), "<f4").reshape(shape),
            np.frombuffer(b"".join(layers[name].blobs[1].data), "<f4"),
        )
        for name, shape in shapes.items()
    }


def _old_shape(values: Array) -> dict[str, int]:
    four = (1,) * (4 - values.ndim) + values.shape
    return dict(zip(("num", "channels", "height", "width"), map(int, four), strict=True))

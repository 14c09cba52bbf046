"""Writes and reads ``.caffemodel`` files: a descriptor of the few messages that weights need.

Field numbers from Caffe's public format: NetParameter (layers 2, layer 100), V1LayerParameter
(name 4, type 5, blobs 6), LayerParameter (name 1, type 2, blobs 7), BlobProto (num 1, channels 2,
height 3, width 4, data 5, shape 7), BlobShape (dim 1).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from tests.models.article_networks import Array, Weights

Field = descriptor_pb2.FieldDescriptorProto
CONVOLUTION, INNER_PRODUCT = 4, 14  # V1LayerParameter.LayerType


def write_caffemodel(path: Path, weights: Weights) -> None:
    """Weights in the format of today's Caffe, as Lapuschkin et al. publish theirs."""
    network = _message("NetParameter")(name="random")
    for name, (kernel, bias) in weights.items():
        kind = "Convolution" if kernel.ndim == 4 else "InnerProduct"
        layer = network.layer.add(name=name, type=kind)
        for values in (kernel, bias):
            blob = layer.blobs.add(data=values.ravel())
            blob.shape.dim.extend(values.shape)
    path.write_bytes(network.SerializeToString())


def write_old_caffemodel(path: Path, weights: Weights) -> None:
    """Weights in the format of Caffe before 2015, as Levi and Hassner publish theirs."""
    network = _message("NetParameter")(name="random")
    for name, (kernel, bias) in weights.items():
        kind = CONVOLUTION if kernel.ndim == 4 else INNER_PRODUCT
        layer = network.layers.add(name=name, type=kind)
        for values in (kernel, bias):
            layer.blobs.add(data=values.ravel(), **_old_shape(values))
    path.write_bytes(network.SerializeToString())


def read_caffemodel(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> Weights:
    """The weights of the layers that ``shapes`` names, from a file of either format."""
    network = _message("NetParameter").FromString(path.read_bytes())
    layers = {layer.name: layer for layer in [*network.layers, *network.layer]}
    return {
        name: (
            np.array(layers[name].blobs[0].data, np.float32).reshape(shape),
            np.array(layers[name].blobs[1].data, np.float32),
        )
        for name, shape in shapes.items()
    }


def _old_shape(values: Array) -> dict[str, int]:
    four = (1,) * (4 - values.ndim) + values.shape
    return dict(zip(("num", "channels", "height", "width"), map(int, four), strict=True))


def _message(name: str) -> Any:
    return message_factory.GetMessageClass(_POOL.FindMessageTypeByName(f"caffe.{name}"))


def _pool() -> descriptor_pool.DescriptorPool:
    file = descriptor_pb2.FileDescriptorProto(name="caffe.proto", package="caffe", syntax="proto2")
    _add(file, "BlobShape", _packed("dim", 1, Field.TYPE_INT64))
    _add(
        file,
        "BlobProto",
        *(_one(n, i, Field.TYPE_INT32) for i, n in enumerate(_OLD_DIMENSIONS, 1)),
        _packed("data", 5, Field.TYPE_FLOAT),
        _one("shape", 7, Field.TYPE_MESSAGE, "BlobShape"),
    )
    _add(
        file,
        "V1LayerParameter",
        _one("name", 4, Field.TYPE_STRING),
        _one("type", 5, Field.TYPE_INT32),
        _many("blobs", 6, "BlobProto"),
    )
    _add(
        file,
        "LayerParameter",
        _one("name", 1, Field.TYPE_STRING),
        _one("type", 2, Field.TYPE_STRING),
        _many("blobs", 7, "BlobProto"),
    )
    _add(
        file,
        "NetParameter",
        _one("name", 1, Field.TYPE_STRING),
        _many("layers", 2, "V1LayerParameter"),
        _many("layer", 100, "LayerParameter"),
    )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool


def _add(file: descriptor_pb2.FileDescriptorProto, name: str, *fields: Field) -> None:
    file.message_type.add(name=name, field=fields)


def _one(name: str, number: int, kind: Any, message: str | None = None) -> Field:
    return _field(name, number, Field.LABEL_OPTIONAL, kind, message)


def _many(name: str, number: int, message: str) -> Field:
    return _field(name, number, Field.LABEL_REPEATED, Field.TYPE_MESSAGE, message)


def _packed(name: str, number: int, kind: Any) -> Field:
    field = _field(name, number, Field.LABEL_REPEATED, kind)
    field.options.packed = True
    return field


def _field(name: str, number: int, label: Any, kind: Any, message: str | None = None) -> Field:
    type_name = None if message is None else f".caffe.{message}"
    return Field(name=name, number=number, label=label, type=kind, type_name=type_name)


_OLD_DIMENSIONS = ("num", "channels", "height", "width")
_POOL = _pool()

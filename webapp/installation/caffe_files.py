"""Reads networks from Caffe's two files: layers (``.prototxt``) and weights (``.caffemodel``).

Both are Protocol Buffers of the same messages, one as text and one in binary. Declared here is what
networks of convolutions need; numbers and names are those of Caffe's public ``caffe.proto``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format
from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field
from google.protobuf.message import DecodeError

Floats = npt.NDArray[np.float32]

MAX_POOLING = 0
AVERAGE_POOLING = 1

_MESSAGES: dict[str, dict[str, tuple[int, str]]] = {
    "NetParameter": {
        "name": (1, "string"),
        "layers": (2, "repeated V1LayerParameter"),
        "input": (3, "repeated string"),
        "input_dim": (4, "repeated int32"),
        "input_shape": (8, "repeated BlobShape"),
        "layer": (100, "repeated LayerParameter"),
    },
    "LayerParameter": {
        "name": (1, "string"),
        "type": (2, "string"),
        "bottom": (3, "repeated string"),
        "top": (4, "repeated string"),
        "param": (6, "repeated ParamSpec"),
        "blobs": (7, "repeated BlobProto"),
        "concat_param": (104, "ConcatParameter"),
        "convolution_param": (106, "ConvolutionParameter"),
        "dropout_param": (108, "DropoutParameter"),
        "inner_product_param": (117, "InnerProductParameter"),
        "lrn_param": (118, "LRNParameter"),
        "pooling_param": (121, "PoolingParameter"),
    },
    # The format of before 2015, of which only weights are read.
    "V1LayerParameter": {"name": (4, "string"), "blobs": (6, "repeated BlobProto")},
    # "data" is declared as bytes: packed floats look the same in the file, and millions of them
    # become an array at once.
    "BlobProto": {
        "num": (1, "int32"),
        "channels": (2, "int32"),
        "height": (3, "int32"),
        "width": (4, "int32"),
        "data": (5, "repeated bytes"),
        "shape": (7, "BlobShape"),
    },
    "BlobShape": {"dim": (1, "packed int64")},
    "ConcatParameter": {"axis": (2, "int32")},
    "ConvolutionParameter": {
        "num_output": (1, "uint32"),
        "pad": (3, "repeated uint32"),
        "kernel_size": (4, "repeated uint32"),
        "group": (5, "uint32"),
        "stride": (6, "repeated uint32"),
        "weight_filler": (7, "FillerParameter"),
        "bias_filler": (8, "FillerParameter"),
    },
    "DropoutParameter": {"dropout_ratio": (1, "float")},
    "InnerProductParameter": {
        "num_output": (1, "uint32"),
        "weight_filler": (3, "FillerParameter"),
        "bias_filler": (4, "FillerParameter"),
    },
    "LRNParameter": {
        "local_size": (1, "uint32"),
        "alpha": (2, "float"),
        "beta": (3, "float"),
        "k": (5, "float"),
    },
    "PoolingParameter": {
        "pool": (1, "PoolMethod"),
        "kernel_size": (2, "uint32"),
        "stride": (3, "uint32"),
        "pad": (4, "uint32"),
    },
    # How weights are initialised and learn: read past.
    "FillerParameter": {"type": (1, "string"), "value": (2, "float"), "std": (6, "float")},
    "ParamSpec": {"name": (1, "string"), "lr_mult": (3, "float"), "decay_mult": (4, "float")},
}
_DEFAULTS = {
    "ConcatParameter.axis": "1",
    "ConvolutionParameter.group": "1",
    "LRNParameter.local_size": "5",
    "LRNParameter.alpha": "1",
    "LRNParameter.beta": "0.75",
    "LRNParameter.k": "1",
    "PoolingParameter.stride": "1",
}


class InvalidCaffeFile(ValueError):
    """The files are not Caffe's, or do not belong together."""


@dataclass(frozen=True, eq=False)
class CaffeLayer:
    """One layer, with its weights; ``parameters`` is the protobuf message of the whole layer."""

    name: str
    # As in the file: "Convolution", "Pooling" and so on.
    kind: str
    bottoms: tuple[str, ...]
    tops: tuple[str, ...]
    parameters: Any
    # Kernel and bias, in the shapes of the file.
    weights: tuple[Floats, ...]


@dataclass(frozen=True, eq=False)
class CaffeNetwork:
    """The name and shape of the input, of which the first dimension is the batch, and the layers
    in the order in which they run.
    """

    input: str
    input_shape: tuple[int, ...]
    layers: tuple[CaffeLayer, ...]


def read_caffe(layers: Path, weights: Path) -> CaffeNetwork:
    """A network from its two files. Raises InvalidCaffeFile."""
    try:
        described = text_format.Parse(layers.read_text(encoding="utf-8"), _message("NetParameter"))
        trained = _message("NetParameter")
        trained.ParseFromString(weights.read_bytes())
    except (text_format.ParseError, UnicodeDecodeError, DecodeError) as error:
        raise InvalidCaffeFile(f"{layers.name}, {weights.name}: {error}") from error
    if len(described.input) != 1:
        raise InvalidCaffeFile(f"{layers.name}: it names {len(described.input)} inputs, not one")
    arrays = {
        layer.name: tuple(_array(blob, layer.name) for blob in layer.blobs)
        for layer in (*trained.layers, *trained.layer)
    }
    shape = described.input_shape[0].dim if described.input_shape else described.input_dim
    return CaffeNetwork(
        described.input[0],
        tuple(shape),
        tuple(
            CaffeLayer(
                layer.name,
                layer.type,
                tuple(layer.bottom),
                tuple(layer.top),
                layer,
                arrays.get(layer.name, ()),
            )
            for layer in described.layer
        ),
    )


def _array(blob: Any, layer: str) -> Floats:
    values = np.frombuffer(b"".join(blob.data), "<f4")
    shape = tuple(blob.shape.dim) or (blob.num, blob.channels, blob.height, blob.width)
    if values.size != np.prod(shape):
        raise InvalidCaffeFile(f"The layer {layer} has {values.size} weights, not {shape}")
    return values.reshape(shape)


def _declared() -> descriptor_pool.DescriptorPool:
    file = descriptor_pb2.FileDescriptorProto(name="caffe.proto", package="caffe", syntax="proto2")
    methods = file.enum_type.add(name="PoolMethod")
    methods.value.add(name="MAX", number=MAX_POOLING)
    methods.value.add(name="AVE", number=AVERAGE_POOLING)
    for message, fields in _MESSAGES.items():
        declared = [
            _field(f"{message}.{name}", number, kind) for name, (number, kind) in fields.items()
        ]
        file.message_type.add(name=message, field=declared)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool


def _field(path: str, number: int, kind: str) -> Field:
    """A field from its path, such as ``BlobShape.dim``, and its kind, such as ``packed int64``."""
    *label, type_name = kind.split()
    field = Field(name=path.partition(".")[2], number=number)
    field.label = Field.LABEL_REPEATED if label else Field.LABEL_OPTIONAL
    if label == ["packed"]:
        field.options.packed = True
    if type_name.islower():
        field.type = Field.Type.Value(f"TYPE_{type_name.upper()}")
    else:
        field.type = Field.TYPE_ENUM if type_name == "PoolMethod" else Field.TYPE_MESSAGE
        field.type_name = f".caffe.{type_name}"
    if path in _DEFAULTS:
        field.default_value = _DEFAULTS[path]
    return field


def _message(name: str) -> Any:
    return message_factory.GetMessageClass(_POOL.FindMessageTypeByName(f"caffe.{name}"))()


_POOL = _declared()

"""Reads networks from Caffe's two files: layers (``.prototxt``) and weights (``.caffemodel``).

Both are Protocol Buffers of the same messages, which ``caffe.proto`` declares: one as text and one
in binary.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format
from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field
from google.protobuf.message import DecodeError

from webapp.vision.types import Floats

MAX_POOLING = 0  # the number of PoolMethod.MAX


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
        described = text_format.Parse(layers.read_text(encoding="utf-8"), message("NetParameter"))
        trained = message("NetParameter")
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


def message(name: str) -> Any:
    """An empty protobuf message of Caffe's, such as ``NetParameter``."""
    return message_factory.GetMessageClass(_messages().FindMessageTypeByName(f"caffe.{name}"))()


_BLOCK = re.compile(r"^(message|enum) (\w+) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"(optional|repeated) (\w+) (\w+) = (\d+)(?: \[(\w+) = (\S+)\])?;")
_VALUE = re.compile(r"(\w+) = (\d+);")


@cache
def _messages() -> descriptor_pool.DescriptorPool:
    """The messages of ``caffe.proto``, of which no compiler of Protocol Buffers is needed."""
    text = (resources.files(__package__) / "caffe.proto").read_text(encoding="utf-8")
    file = descriptor_pb2.FileDescriptorProto(name="caffe.proto", package="caffe", syntax="proto2")
    for kind, name, body in _BLOCK.findall(text):
        if kind == "enum":
            values = file.enum_type.add(name=name).value
            for value, number in _VALUE.findall(body):
                values.add(name=value, number=int(number))
        else:
            file.message_type.add(name=name, field=map(_field, _FIELD.finditer(body)))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool


def _field(match: re.Match[str]) -> Field:
    label, kind, name, number, option, value = match.groups()
    field = Field(name=name, number=int(number))
    field.label = Field.LABEL_REPEATED if label == "repeated" else Field.LABEL_OPTIONAL
    if kind.islower():
        field.type = Field.Type.Value(f"TYPE_{kind.upper()}")
    else:
        field.type_name = f".caffe.{kind}"  # whether message or enum, the pool finds out
    if option == "packed":
        field.options.packed = True
    elif option == "default":
        field.default_value = value
    return field

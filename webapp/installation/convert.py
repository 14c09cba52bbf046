"""Published networks become the ONNX files that are served: once, when they are installed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError

from webapp.files import write_whole
from webapp.installation.caffe_files import read_caffe
from webapp.installation.caffe_to_onnx import caffe_to_onnx
from webapp.installation.errors import WrongContent
from webapp.installation.onnx_rewrites import with_fast_normalization
from webapp.vision.card import ModelFile, sums, sums_of


def convert(file: ModelFile, sources: Sequence[Path], target: Path) -> None:
    """Write a converted file and its ``sums``. ``sources`` are weights in ONNX, or weights and
    layers in Caffe's formats.

    Raises WrongContent where they hold no network.
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

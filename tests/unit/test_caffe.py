"""Caffe's files become ONNX graphs that say what OpenCV's reader of the same files says."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from tests.models.article_networks import Weights, random_weights
from tests.models.caffe_files import write_caffemodel, write_old_caffemodel
from webapp.installation.caffe_files import InvalidCaffeFile, read_caffe
from webapp.installation.caffe_to_onnx import caffe_to_onnx
from webapp.vision.inference import open_session

HEAD = 'input: "data" input_shape { dim: 1 dim: 4 dim: 15 dim: 12 }'
# Windows that reach beyond the border, blobs written twice, branches, fillers to be read past.
LAYERS = f"""{HEAD}
layer {{ name: "a" type: "Convolution" bottom: "data" top: "a" param {{ lr_mult: 1 }}
  convolution_param {{ num_output: 6 kernel_size: 3 pad: 1 stride: 2 group: 2
    weight_filler {{ type: "xavier" }} }} }}
layer {{ name: "a/relu" type: "ReLU" bottom: "a" top: "a" }}
layer {{ name: "norm" type: "LRN" bottom: "a" top: "norm"
  lrn_param {{ local_size: 3 alpha: 0.5 beta: 0.75 }} }}
layer {{ name: "max" type: "Pooling" bottom: "norm" top: "max"
  pooling_param {{ pool: MAX kernel_size: 3 stride: 2 }} }}
layer {{ name: "mean" type: "Pooling" bottom: "a" top: "mean"
  pooling_param {{ pool: AVE kernel_size: 3 stride: 2 }} }}
layer {{ name: "both" type: "Concat" bottom: "max" bottom: "mean" top: "both" }}
layer {{ name: "drop" type: "Dropout" bottom: "both" top: "both"
  dropout_param {{ dropout_ratio: 0.4 }} }}
layer {{ name: "dense" type: "InnerProduct" bottom: "both" top: "dense"
  inner_product_param {{ num_output: 5 }} }}
layer {{ name: "prob" type: "Softmax" bottom: "dense" top: "prob" }}
"""
SHAPES = {"a": (6, 2, 3, 3), "dense": (5, 12 * 4 * 3)}


def written(
    folder: Path, layers: str = LAYERS, weights: Weights | None = None
) -> tuple[Path, Path]:
    """The two files; without ``weights`` with random ones."""
    texts, numbers = folder / "net.prototxt", folder / "net.caffemodel"
    texts.write_text(layers)
    write_caffemodel(numbers, weights or random_weights(SHAPES, 1))
    return texts, numbers


def converted(files: tuple[Path, Path], pictures: npt.NDArray[np.float32]) -> list[list[float]]:
    model = caffe_to_onnx(read_caffe(*files))
    session = open_session(model.SerializeToString(), threads=1)
    return np.asarray(session.run(None, {"data": pictures})[0]).tolist()


@pytest.mark.parametrize("write", [write_caffemodel, write_old_caffemodel])
def test_every_kind_of_layer_computes_what_it_does_in_opencv(
    tmp_path: Path, write: Callable[[Path, Weights], None]
) -> None:
    files = written(tmp_path)
    write(files[1], random_weights(SHAPES, 2))
    pictures = np.random.default_rng(4).normal(0, 60, (3, 4, 15, 12)).astype(np.float32)
    network = cv2.dnn.readNetFromCaffe(*map(str, files))
    network.setInput(pictures)
    expected = network.forward()
    assert np.ptp(expected, axis=0).max() > 0.01
    np.testing.assert_allclose(converted(files, pictures), expected, atol=1e-6)


def one_layer(text: str) -> str:
    return f'{HEAD} layer {{ name: "a" bottom: "data" top: "a" {text} }}'


@pytest.mark.parametrize(
    ("layers", "complaint"),
    [
        ("layer {", "net.prototxt"),
        (one_layer('type: "Deconvolution"'), "Deconvolution"),
        (one_layer('type: "Convolution" convolution_param { dilation: 2 }'), "dilation"),
        (one_layer('type: "ReLU" bottom: "nowhere"').replace('bottom: "data"', ""), "nowhere"),
        ('layer { name: "a" type: "ReLU" bottom: "data" top: "a" }', "0 inputs"),
    ],
)
def test_what_is_not_understood_is_refused_and_named(
    tmp_path: Path, layers: str, complaint: str
) -> None:
    """Rather than read past: a network without its dilation would quietly say something else."""
    with pytest.raises(InvalidCaffeFile, match=complaint):
        caffe_to_onnx(read_caffe(*written(tmp_path, layers)))


def test_a_layer_without_its_weights_is_refused(tmp_path: Path) -> None:
    weights = random_weights({"dense": SHAPES["dense"]}, 1)
    with pytest.raises(InvalidCaffeFile, match="The layer a has no kernel and bias"):
        caffe_to_onnx(read_caffe(*written(tmp_path, weights=weights)))


def test_weights_that_do_not_fill_their_shape_are_refused(tmp_path: Path) -> None:
    files = written(tmp_path)
    data = files[1].read_bytes()
    shape = bytes([0x3A, 0x06, 0x0A, 0x04, 6, 2, 3, 3])  # field 7: a packed list of four numbers
    assert shape in data
    files[1].write_bytes(data.replace(shape, shape.replace(bytes([6, 2]), bytes([7, 2]))))
    with pytest.raises(InvalidCaffeFile, match="The layer a has 108 weights"):
        read_caffe(*files)


def test_a_file_that_is_not_caffes_is_refused(tmp_path: Path) -> None:
    files = written(tmp_path)
    files[1].write_bytes(b"<html>not found</html>")
    with pytest.raises(InvalidCaffeFile, match=r"net\.caffemodel"):
        read_caffe(*files)

"""The article's two networks written a second time, in TensorFlow, to compare with.

Pictures are NHWC here; kernels come as Caffe has them.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from tests.models.article_networks import CLASSIFIER, INCEPTIONS, Array, Inception, Weights

Tensor = Any


def levi_hassner(weights: Weights, pictures: Array) -> npt.NDArray[np.float32]:
    """Probabilities for pictures of shape (n, 227, 227, 3): blue, green, red minus the mean."""
    tensor = _conv(weights, "conv1", pictures, stride=4, padding=0)
    tensor = _norm(_pool(tensor))
    tensor = _norm(_pool(_conv(weights, "conv2", tensor)))
    tensor = _pool(_conv(weights, "conv3", tensor))
    # Caffe flattens channels first.
    tensor = tf.reshape(tf.transpose(tensor, (0, 3, 1, 2)), (len(pictures), -1))
    tensor = tf.nn.relu(_dense(weights, "fc6", tensor))
    tensor = tf.nn.relu(_dense(weights, "fc7", tensor))
    return _softmax(_dense(weights, "fc8", tensor))


def googlenet(weights: Weights, pictures: Array) -> npt.NDArray[np.float32]:
    """Probabilities for pictures of shape (n, 224, 224, 3): blue, green, red minus the mean."""
    tensor = _norm(_pool(_conv(weights, "conv1/7x7_s2", pictures, stride=2)))
    tensor = _conv(weights, "conv2/3x3", _conv(weights, "conv2/3x3_reduce", tensor))
    tensor = _pool(_norm(tensor))
    for module in INCEPTIONS:
        tensor = _inception(weights, module, tensor)
        if module.then_pool is not None:
            tensor = _pool(tensor)
    return _softmax(_dense(weights, CLASSIFIER, tf.reduce_mean(tensor, axis=(1, 2))))


def _inception(weights: Weights, module: Inception, tensor: Tensor) -> Tensor:
    name = module.name
    pooled = tf.nn.max_pool2d(tensor, 3, 1, "SAME")
    branches = [
        _conv(weights, f"{name}/1x1", tensor),
        _conv(weights, f"{name}/3x3", _conv(weights, f"{name}/3x3_reduce", tensor)),
        _conv(weights, f"{name}/5x5", _conv(weights, f"{name}/5x5_reduce", tensor)),
        _conv(weights, f"{name}/pool_proj", pooled),
    ]
    return tf.concat(branches, axis=3)


def _conv(
    weights: Weights, name: str, tensor: Tensor, stride: int = 1, padding: int | None = None
) -> Tensor:
    """A convolution and its relu, padded by half the kernel unless told otherwise."""
    kernel, bias = weights[name]
    edge = kernel.shape[2] // 2 if padding is None else padding
    pads = [[0, 0], [edge, edge], [edge, edge], [0, 0]]
    convolved = tf.nn.conv2d(tensor, kernel.transpose(2, 3, 1, 0), stride, pads)
    return tf.nn.relu(convolved + bias)


def _pool(tensor: Tensor) -> Tensor:
    """Max 3×3 by 2 as Caffe does it: the last window may reach beyond the border."""
    extra = (tensor.shape[1] - 3) % 2
    pads = [[0, 0], [0, extra], [0, extra], [0, 0]]
    return tf.nn.max_pool2d(tf.pad(tensor, pads, constant_values=-np.inf), 3, 2, "VALID")


def _norm(tensor: Tensor) -> Tensor:
    # Caffe divides alpha by the number of channels it sums over, TensorFlow does not.
    return tf.nn.local_response_normalization(
        tensor, depth_radius=2, bias=1.0, alpha=1e-4 / 5, beta=0.75
    )


def _dense(weights: Weights, name: str, tensor: Tensor) -> Tensor:
    kernel, bias = weights[name]
    return tf.matmul(tensor, kernel.T) + bias


def _softmax(scores: Tensor) -> npt.NDArray[np.float32]:
    return np.asarray(tf.nn.softmax(scores), np.float32)

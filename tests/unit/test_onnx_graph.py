"""A graph computes what its layers say, in the conventions of Keras."""

from collections.abc import Callable

import numpy as np
import pytest

from webapp.vision.inference import open_session
from webapp.vision.onnx_graph import Array, GraphBuilder, Window

Layer = Callable[[GraphBuilder, str], str]


def random(*shape: int) -> Array:
    return np.random.default_rng(3).normal(size=shape).astype(np.float32)


def computed(
    layer: Layer, values: Array, rank: int = 4, weight_type: type[np.floating] = np.float32
) -> Array:
    """What a graph of one layer, whose output has ``rank`` dimensions, makes of some values."""
    graph = GraphBuilder("one", weight_type)
    tensor = graph.input("x", [f"x{axis}" for axis in range(values.ndim)])
    graph.output(layer(graph, tensor), "y", [f"y{axis}" for axis in range(rank)])
    session = open_session(graph.build().SerializeToString(), threads=1)
    (result,) = session.run(None, {"x": values})
    return np.asarray(result)


def convolved(values: Array, kernel: Array, bias: Array, stride: int = 1) -> Array:
    """A convolution of (n, in, h, w) without padding, one output pixel at a time."""
    rows = (values.shape[2] - kernel.shape[0]) // stride + 1
    columns = (values.shape[3] - kernel.shape[1]) // stride + 1
    result = np.empty((len(values), kernel.shape[3], rows, columns), np.float32)
    for row, column in np.ndindex(rows, columns):
        y, x = row * stride, column * stride
        window = values[:, :, y : y + kernel.shape[0], x : x + kernel.shape[1]]
        result[:, :, row, column] = np.einsum("nihw,hwio->no", window, kernel) + bias
    return result


@pytest.mark.parametrize("stride", [1, 2])
def test_convolution_takes_kernels_in_the_layout_of_keras(stride: int) -> None:
    values, kernel, bias = random(2, 3, 7, 8), random(3, 2, 3, 5), random(5)
    result = computed(lambda g, x: g.conv(x, kernel, bias, Window(stride)), values)
    np.testing.assert_allclose(result, convolved(values, kernel, bias, stride), atol=1e-5)


def test_padding_same_puts_the_odd_pixel_at_the_bottom_and_right() -> None:
    values, kernel, bias = random(1, 2, 6, 6), random(3, 3, 2, 4), random(4)
    padded = np.pad(values, ((0, 0), (0, 0), (0, 1), (0, 1)))
    result = computed(lambda g, x: g.conv(x, kernel, bias, Window(2, same=True)), values)
    np.testing.assert_allclose(result, convolved(padded, kernel, bias, 2), atol=1e-5)


def test_explicit_padding_is_added_as_it_stands() -> None:
    values, kernel, bias = random(1, 2, 5, 5), random(3, 3, 2, 4), random(4)
    padded = np.pad(values, ((0, 0), (0, 0), (1, 0), (0, 2)))
    window = Window(padding=(1, 0, 0, 2))
    result = computed(lambda g, x: g.conv(x, kernel, bias, window), values)
    np.testing.assert_allclose(result, convolved(padded, kernel, bias), atol=1e-5)


def test_groups_keep_channels_apart() -> None:
    values, kernel = random(1, 3, 4, 4), random(1, 1, 1, 3)
    result = computed(lambda g, x: g.conv(x, kernel, np.zeros(3), groups=3), values)
    np.testing.assert_allclose(result, values * kernel.reshape(3, 1, 1), atol=1e-6)


@pytest.mark.parametrize(("size", "pixels"), [(2, 4), (2, 5), (3, 7), (3, 8)])
def test_max_pooling_same_has_as_many_pixels_as_in_keras(size: int, pixels: int) -> None:
    values = -1 - np.abs(random(1, 2, pixels, pixels))  # padding with zeros would win
    result = computed(lambda g, x: g.max_pool(x, size, Window(2, same=True)), values)
    missing = (-(-pixels // 2) - 1) * 2 + size - pixels
    before = max(missing, 0) // 2
    for row, column in np.ndindex(result.shape[2:]):
        top, left = row * 2 - before, column * 2 - before
        window = values[:, :, max(top, 0) : top + size, max(left, 0) : left + size]
        np.testing.assert_array_equal(result[:, :, row, column], window.max(axis=(2, 3)))
    assert result.shape[2:] == (-(-pixels // 2),) * 2


def test_both_ways_of_prelu_are_prelu() -> None:
    values, slope = random(2, 4, 3, 3), np.array([-1.2, 0.0, 0.3, 1.0], np.float32)
    expected = np.where(values > 0, values, values * slope.reshape(4, 1, 1))
    plain = computed(lambda g, x: g.prelu(x, slope.reshape(4, 1, 1)), values)
    split = computed(lambda g, x: g.prelu_of_channels(x, slope), values)
    np.testing.assert_allclose(plain, expected, atol=1e-6)
    np.testing.assert_allclose(split, expected, atol=1e-6)


def test_prelu_of_channels_refuses_slopes_that_it_would_get_wrong() -> None:
    with pytest.raises(ValueError, match="at most 1"):
        computed(lambda g, x: g.prelu_of_channels(x, np.array([1.1])), random(1, 1, 2, 2))


def test_pixels_become_nchw() -> None:
    values = random(2, 3, 4, 3)
    np.testing.assert_array_equal(
        computed(lambda g, x: g.pixels_to_nchw(x), values), values.transpose(0, 3, 1, 2)
    )


def test_dense_softmax_and_sigmoid() -> None:
    values, weights, bias = random(3, 4), random(4, 2), random(2)
    logits = values @ weights + bias
    dense = computed(lambda g, x: g.dense(x, weights, bias), values, rank=2)
    np.testing.assert_allclose(dense, logits, atol=1e-5)
    softmax = computed(lambda g, x: g.softmax(x), logits, rank=2)
    np.testing.assert_allclose(softmax, np.exp(logits) / np.exp(logits).sum(1, keepdims=True), 1e-4)
    sigmoid = computed(lambda g, x: g.sigmoid(x), logits, rank=2)
    np.testing.assert_allclose(sigmoid, 1 / (1 + np.exp(-logits)), 1e-4)


def test_the_tail_of_a_mobilenet() -> None:
    values = 4 * random(2, 5, 3, 3)
    clipped = np.clip(values, 0, 6)
    np.testing.assert_allclose(computed(lambda g, x: g.relu6(x), values), clipped)
    pooled = computed(lambda g, x: g.global_average_pool(x), values, rank=2)
    np.testing.assert_allclose(pooled, values.mean(axis=(2, 3)), atol=1e-5)


def test_weights_stored_as_float16_lose_only_their_precision() -> None:
    values, weights, bias = random(3, 4), random(4, 2), random(2)
    result = computed(
        lambda g, x: g.dense(x, weights, bias), values, rank=2, weight_type=np.float16
    )
    halved = [array.astype(np.float16).astype(np.float32) for array in (weights, bias)]
    np.testing.assert_allclose(result, values @ halved[0] + halved[1], atol=1e-5)

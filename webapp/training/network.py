"""The network: MobileNet v1 without batch normalization, a shared layer, and two heads.

MobileNet v1 is Howard et al. 2017 (arXiv:1704.04861). The batch normalizations of the published
weights are already folded into the convolutions, so a convolution here has a bias and a ReLU6 and
nothing else: training moves weights alone, and what is exported is what was trained.
"""

from __future__ import annotations

from typing import Any

import keras

from webapp.training.targets import YEARS

MEAN_RGB = (123.68, 116.779, 103.939)
"""What the published weights expect to be subtracted (VGGFace2's preprocessing, in RGB order)."""

SCALE = 64.0
"""Pixels are divided by this, so that the first convolution's weights are not tiny."""

BLOCKS = (
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1),
    (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1),
)  # fmt: skip
"""Channels and stride of the thirteen depthwise-separable blocks of MobileNet v1."""

HEAD_LAYERS = ("shared", "age", "gender")


def build(side: int, dropout: float = 0.0, width: float = 1.0) -> keras.Model:
    """The network for square RGB pictures of 0..255, ``float32`` (n, side, side, 3).

    ``width`` scales the number of channels; the published weights have width 1.
    Returns ``age``, logits of shape (n, 101), and ``gender``, the logit of "female" (n, 1).
    """
    picture = keras.Input((side, side, 3), name="picture")
    mean = [value / SCALE for value in MEAN_RGB]
    x = keras.layers.Rescaling(1 / SCALE, [-value for value in mean], name="normalized")(picture)
    x = keras.layers.Conv2D(
        round(32 * width), 3, 2, "same", kernel_initializer="he_normal", name="conv1"
    )(x)
    x = keras.layers.ReLU(6.0)(x)
    for number, (channels, stride) in enumerate(BLOCKS, start=1):
        x = _block(x, number, round(channels * width), stride)
    x = keras.layers.GlobalAveragePooling2D(name="pooled")(x)
    x = keras.layers.Dropout(dropout)(x)
    x = keras.layers.Dense(256, "relu", name="shared")(x)
    x = keras.layers.Dropout(dropout)(x)
    age = keras.layers.Dense(YEARS, name="age", dtype="float32")(x)
    gender = keras.layers.Dense(1, name="gender", dtype="float32")(x)
    return keras.Model(picture, {"age": age, "gender": gender})


def _block(x: Any, number: int, channels: int, stride: int) -> Any:
    x = keras.layers.DepthwiseConv2D(
        3,
        stride,
        "same",
        # He initialization; Keras would count all channels as inputs of each.
        depthwise_initializer=keras.initializers.RandomNormal(stddev=(2 / 9) ** 0.5),
        name=f"depthwise{number}",
    )(x)
    x = keras.layers.ReLU(6.0)(x)
    x = keras.layers.Conv2D(channels, 1, kernel_initializer="he_normal", name=f"pointwise{number}")(
        x
    )
    return keras.layers.ReLU(6.0)(x)


def freeze(network: keras.Model, blocks: int) -> None:
    """Freeze the first convolution and the first ``blocks`` blocks; train the rest."""
    frozen = {"conv1"} | {
        f"{kind}{number}" for kind in ("depthwise", "pointwise") for number in range(1, blocks + 1)
    }
    for layer in network.layers:
        layer.trainable = blocks == 0 or layer.name not in frozen

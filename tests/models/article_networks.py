"""The article's two architectures as tables, with random weights: made anew for the tests.

Written from the papers (Levi and Hassner 2015; Szegedy et al. 2015, table 1), not from the
product's files, so that the two can disagree.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Weights = Mapping[str, tuple[Array, Array]]
"""Layer → kernel and bias; kernels as Caffe has them: (out, in, height, width) or (out, in)."""


@dataclass(frozen=True)
class Inception:
    """One module: outputs of its branches 1x1, 3x3 (reduced first), 5x5 (reduced first), pool."""

    name: str
    one: int
    three_reduced: int
    three: int
    five_reduced: int
    five: int
    pooled: int
    # Whether a max pooling of stride 2 follows.
    then_pool: str | None = None

    @property
    def outputs(self) -> int:
        return self.one + self.three + self.five + self.pooled


INCEPTIONS = (
    Inception("inception_3a", 64, 96, 128, 16, 32, 32),
    Inception("inception_3b", 128, 128, 192, 32, 96, 64, "pool3/3x3_s2"),
    Inception("inception_4a", 192, 96, 208, 16, 48, 64),
    Inception("inception_4b", 160, 112, 224, 24, 64, 64),
    Inception("inception_4c", 128, 128, 256, 24, 64, 64),
    Inception("inception_4d", 112, 144, 288, 32, 64, 64),
    Inception("inception_4e", 256, 160, 320, 32, 128, 128, "pool4/3x3_s2"),
    Inception("inception_5a", 256, 160, 320, 32, 128, 128),
    Inception("inception_5b", 384, 192, 384, 48, 128, 128),
)
PIXEL_SCALE = np.float32(60)  # roughly what pixels minus a mean deviate by
CLASSIFIER = "loss3/classifier_agexgender"


def levi_hassner_shapes(classes: int) -> dict[str, tuple[int, ...]]:
    """Layer → shape of its kernel."""
    return {
        "conv1": (96, 3, 7, 7),
        "conv2": (256, 96, 5, 5),
        "conv3": (384, 256, 3, 3),
        "fc6": (512, 384 * 7 * 7),
        "fc7": (512, 512),
        "fc8": (classes, 512),
    }


def googlenet_shapes(classes: int) -> dict[str, tuple[int, ...]]:
    """Layer → shape of its kernel."""
    shapes: dict[str, tuple[int, ...]] = {
        "conv1/7x7_s2": (64, 3, 7, 7),
        "conv2/3x3_reduce": (64, 64, 1, 1),
        "conv2/3x3": (192, 64, 3, 3),
    }
    inputs = 192
    for module in INCEPTIONS:
        shapes[f"{module.name}/1x1"] = (module.one, inputs, 1, 1)
        shapes[f"{module.name}/3x3_reduce"] = (module.three_reduced, inputs, 1, 1)
        shapes[f"{module.name}/3x3"] = (module.three, module.three_reduced, 3, 3)
        shapes[f"{module.name}/5x5_reduce"] = (module.five_reduced, inputs, 1, 1)
        shapes[f"{module.name}/5x5"] = (module.five, module.five_reduced, 5, 5)
        shapes[f"{module.name}/pool_proj"] = (module.pooled, inputs, 1, 1)
        inputs = module.outputs
    return {**shapes, CLASSIFIER: (classes, inputs)}


def random_weights(shapes: Mapping[str, tuple[int, ...]], seed: int) -> Weights:
    """Weights that keep the size of what flows through (He et al. 2015), up to the last layer.

    Its scores come out near one: probabilities then are neither all alike nor all 0 or 1.
    """
    generator = np.random.default_rng(seed)
    weights = {
        name: (
            generator.normal(0, np.sqrt(2 / np.prod(shape[1:])), shape).astype(np.float32),
            generator.normal(0, 0.1, shape[0]).astype(np.float32),
        )
        for name, shape in shapes.items()
    }
    last = list(shapes)[-1]
    kernel, bias = weights[last]
    return {**weights, last: (kernel / PIXEL_SCALE, bias)}

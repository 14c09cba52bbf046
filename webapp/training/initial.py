"""Initial weights and teachers: published weights, or those of earlier runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

from webapp.training.faces import TrainingFaces
from webapp.training.network import BLOCKS, SCALE, build
from webapp.training.recipe import Recipe
from webapp.training.targets import YEARS
from webapp.training.weights import UnreadableWeights, Weights, read_graph_weights
from webapp.vision.types import Floats

Layers = dict[str, list[npt.NDArray[np.float32]]]
"""Kernel and bias of each layer by its name, as Keras lays them out."""

BATCH = 64


def load_mean(network: keras.Model, shares: Mapping[Path, float]) -> None:
    """Set a network's weights to the mean of several networks' weights.

    Between a network and what it was fine-tuned from, that keeps much of what both know (Wortsman
    et al. 2022, arXiv:2109.01903). Raises UnreadableWeights.
    """
    total = sum(shares.values())
    parts = []
    for path, share in shares.items():
        load(network, path)
        parts.append([share / total * weights for weights in network.get_weights()])
    network.set_weights([np.sum(same, axis=0) for same in zip(*parts, strict=True)])


def load(network: keras.Model, path: Path) -> None:
    """Set a network to the weights of a file.

    That is a TensorFlow.js graph of HSE_FaceRec_tf (``faceres-deep.json``: pictures are BGR, gender
    is 1 for men, ages are 1 to 100), or the ``network.onnx`` of an earlier run. Raises
    UnreadableWeights where an array is missing or of another shape.
    """
    try:
        layers = _exported(path) if path.suffix == ".onnx" else _published(read_graph_weights(path))
        for name, arrays in layers.items():
            network.get_layer(name).set_weights(arrays)
    except (KeyError, ValueError, StopIteration) as error:
        raise UnreadableWeights(f"{path} has not the weights of this network: {error}") from error


def taught_by(path: Path, faces: TrainingFaces, recipe: Recipe) -> Floats:
    """A teacher's answers for the training faces whose age is a range, shape (n, 101).

    Exact ages are not asked for: their rows are even.
    """
    teacher = build(recipe.side, width=recipe.width)
    load(teacher, path)
    ranges = [not faces.labels[index].exact for index in faces.training]
    said = np.full((len(ranges), YEARS), 1 / YEARS, np.float32)
    chosen = np.flatnonzero(ranges)
    for start in range(0, len(chosen), BATCH):
        rows = chosen[start : start + BATCH]
        crops = np.concatenate(list(faces.crops(faces.training[rows], recipe.side, BATCH)))
        logits = np.asarray(teacher.predict_on_batch(crops.astype(np.float32))["age"], np.float64)
        weights = np.exp(logits - logits.max(axis=1, keepdims=True))
        said[rows] = weights / weights.sum(axis=1, keepdims=True)
    return said


def _exported(path: Path) -> Layers:
    """The layers of a file written by ``export.py``; its arrays are in the order of the layers."""
    arrays = [numpy_helper.to_array(one) for one in onnx.load(path).graph.initializer]
    # Without the bounds of ReLU6, and without the two of the normalization in front.
    weights = iter([array.astype(np.float32) for array in arrays if array.size > 1][2:])
    layers = {"conv1": [next(weights).transpose(2, 3, 1, 0), next(weights)]}
    for number in range(1, len(BLOCKS) + 1):
        layers[f"depthwise{number}"] = [next(weights).transpose(2, 3, 0, 1), next(weights)]
        layers[f"pointwise{number}"] = [next(weights).transpose(2, 3, 1, 0), next(weights)]
    layers["shared"] = [next(weights), next(weights)]
    kernel, bias = next(weights), next(weights)
    layers["age"], layers["gender"] = [kernel[:, :-1], bias[:-1]], [kernel[:, -1:], bias[-1:]]
    return layers


def _published(weights: Weights) -> Layers:
    kernel = weights["conv1/convolution/merged_input"][:, :, ::-1, :] * SCALE
    arrays = {"conv1": [kernel, weights["conv1_bn/batchnorm_1/sub"]]}
    for number in range(1, len(BLOCKS) + 1):
        depthwise, pointwise = f"conv_dw_{number}", f"conv_pw_{number}"
        gain = weights[f"{depthwise}_bn/batchnorm_1/mul"][:, None]
        arrays[f"depthwise{number}"] = [
            weights[f"{depthwise}/depthwise_kernel"] * gain,
            weights[f"{depthwise}_bn/batchnorm_1/sub"],
        ]
        arrays[f"pointwise{number}"] = [
            weights[f"{pointwise}/convolution/merged_input"],
            weights[f"{pointwise}_bn/batchnorm_1/sub"],
        ]
    arrays["shared"] = [weights["feats/kernel"], weights["feats/bias"]]
    arrays["gender"] = [-weights["gender_pred/kernel"], -weights["gender_pred/bias"]]
    arrays["age"] = [
        np.pad(weights["age_pred/kernel"], ((0, 0), (1, 0)), mode="edge"),
        np.pad(weights["age_pred/bias"], (1, 0), mode="edge"),
    ]
    return arrays

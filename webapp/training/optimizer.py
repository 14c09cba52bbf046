"""AdamW with a learning rate per layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from webapp.training.network import HEAD_LAYERS
from webapp.training.recipe import Recipe

WARM_UP = 0.05
"""Share of the steps for warming up."""


class LayerRatesAdamW(keras.optimizers.AdamW):  # type: ignore[misc] # Keras has no types
    """AdamW (Loshchilov and Hutter 2019) with a factor on the rate of each TensorFlow variable,
    by its reference.

    One rate does not fit weights whose batch normalizations are folded in: some layers' weights
    are a hundred times as large as others'.
    """

    def __init__(self, factors: Mapping[Any, float], **options: Any) -> None:
        super().__init__(**options)
        self._factors = factors

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        super().update_step(gradient, variable, learning_rate * self._factors[variable.ref()])


def build_optimizer(network: keras.Model, recipe: Recipe, steps: int) -> LayerRatesAdamW:
    """The optimizer of all trainable variables; its rate warms up and then falls as a cosine."""
    warm_up = max(1, round(WARM_UP * steps))
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0,
        decay_steps=max(1, steps - warm_up),
        warmup_target=recipe.head_rate,
        warmup_steps=warm_up,
    )
    optimizer = LayerRatesAdamW(
        _factors(network, recipe),
        learning_rate=schedule,
        weight_decay=recipe.weight_decay,
        global_clipnorm=10.0,
    )
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    optimizer.build(network.trainable_variables)
    return optimizer


def _factors(network: keras.Model, recipe: Recipe) -> dict[Any, float]:
    factors = {}
    for layer in network.layers:
        for variable in layer.trainable_variables:
            spread = float(np.sqrt(np.mean(np.square(layer.kernel.numpy()))))
            body = recipe.body_rate * spread / recipe.head_rate
            factors[variable.value.ref()] = 1.0 if layer.name in HEAD_LAYERS else body
    return factors

"""The losses, in TensorFlow. The targets are those of ``targets.py``."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

YEARS_WEIGHT = 0.05
"""Weight of the error of the expected age, in years, beside the distribution's cross-entropy
(Gao et al. 2018, arXiv:1807.04872, learn both)."""


def age_loss(logits: Any, age: Any, soft: Any, exact: Any, years: Any) -> Any:
    """One loss per face. Logits and ``age`` (n, 101), ``soft``, ``exact`` and ``years`` (n,).

    A distribution: cross-entropy, and for an exact age the expected age's error. A range: minus the
    logarithm of the probability that falls into it.
    """
    log_p = tf.nn.log_softmax(logits)
    cross_entropy = -tf.reduce_sum(age * log_p, axis=1)
    expected = tf.reduce_sum(tf.exp(log_p) * tf.range(age.shape[1], dtype=tf.float32), axis=1)
    error = tf.abs(expected - years)
    outside = -tf.math.log(tf.reduce_sum(age * tf.exp(log_p), axis=1))
    return tf.where(soft > 0, cross_entropy, outside) + YEARS_WEIGHT * exact * error


def gender_loss(logit: Any, female: Any) -> Any:
    """Binary cross-entropy, one per face. ``logit`` (n, 1), ``female`` (n,)."""
    return tf.nn.sigmoid_cross_entropy_with_logits(female, logit[:, 0])

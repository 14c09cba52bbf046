"""Temperatures that make a confidence of 80 % right 80 % of the time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]

TEMPERATURES = np.exp(np.linspace(np.log(0.3), np.log(3.0), 93))
"""What is tried: from three times as sure to a third, in steps of 2.5 %."""

TINY = 1e-12


def best_temperature(loss: Callable[[float], float]) -> float:
    """The temperature with the smallest loss (Guo et al. 2017, arXiv:1706.04599)."""
    return float(min(TEMPERATURES, key=loss))


def gender_temperature(logits: Floats, female: npt.NDArray[np.bool_]) -> float:
    """For logits of "female", shape (n,), by the negative log-likelihood."""
    signed = np.where(female, logits, -logits)
    return best_temperature(lambda t: float(np.logaddexp(0, -signed / t).mean()))


def age_temperature(
    pmf: Callable[[float], Floats], bucket: npt.NDArray[np.integer]
) -> float:
    """By the negative log-likelihood of the true bucket.

    ``pmf`` gives distributions over the buckets, shape (n, 8), at a temperature; ``bucket`` holds
    the true ones, shape (n,).
    """
    rows = np.arange(len(bucket))
    return best_temperature(lambda t: float(-np.log(pmf(t)[rows, bucket] + TINY).mean()))

"""All hyperparameters of training."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


def _setting(default: Any, meaning: str) -> Any:
    """A field, with its description in ``agelens train --help``."""
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True)
class Recipe:
    """How to train. docs/training.md tells with what ``models/agelens`` was trained."""

    side: int = _setting(160, "Side of the crop that the network sees, in pixels.")
    width: float = _setting(1.0, "Channels of every layer, relative to MobileNet v1.")
    head_epochs: int = _setting(0, "Epochs that train the heads alone and what they share.")
    epochs: int = _setting(12, "Passes after those, which train all layers that are not frozen.")
    frozen_blocks: int = _setting(5, "Blocks of the body that keep their initial weights.")
    batch: int = _setting(64, "Faces per step.")
    head_rate: float = _setting(1e-3, "Highest learning rate of the heads.")
    body_rate: float = _setting(
        4e-3, "Highest learning rate of a layer of the body, in units of its weights' spread."
    )
    weight_decay: float = _setting(1e-2, "Decay of the weights in AdamW.")
    dropout: float = _setting(0.2, "Share of features dropped in training.")
    gender_weight: float = _setting(2.0, "Weight of the gender's loss beside the age's.")
    balance: float = _setting(
        0.35, "0: faces as they are; 1: every age × gender × group equally often."
    )
    precision: str = _setting(
        "float32", "float32, or mixed_bfloat16, which is faster where the processor has it."
    )
    validation_share: float = _setting(0.12, "Share of faces held back for validation.")
    patience: int = _setting(6, "Epochs without improvement after which training stops.")
    seed: int = _setting(1, "Seed of everything random.")
    checkpoint_seconds: float = _setting(60.0, "Seconds between checkpoints.")

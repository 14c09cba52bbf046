"""Every number that decides how a network is trained."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """How to train; the defaults are those of ``models/agelens``."""

    # Side in pixels of the crop that the network sees.
    side: int = 160
    # Channels of every layer, in units of MobileNet v1's.
    width: float = 1.0
    # Passes over the training faces with everything frozen but the two heads and what they share.
    head_epochs: int = 0
    # Passes after that.
    epochs: int = 12
    # Blocks of the body, from the picture on, that keep their initial weights.
    frozen_blocks: int = 5
    batch: int = 64
    # Highest learning rate of the heads.
    head_rate: float = 1e-3
    # Highest learning rate of a layer of the body, in units of the spread of its weights.
    body_rate: float = 4e-3
    weight_decay: float = 1e-2
    dropout: float = 0.2
    # Weight of the loss of the gender beside that of the age.
    gender_weight: float = 2.0
    # 0: faces as they come; 1: every age bucket × gender × group as often as any other.
    balance: float = 0.35
    # Type of the arithmetic; "mixed_bfloat16" is faster where the processor has it.
    precision: str = "float32"
    # Share of the faces that is held back.
    validation_share: float = 0.12
    # Passes without improvement on the faces held back, after which training ends.
    patience: int = 6
    seed: int = 1
    # Seconds between two checkpoints.
    checkpoint_seconds: float = 60.0

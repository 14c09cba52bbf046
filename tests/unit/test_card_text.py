"""What is written as a card is read back as the same card."""

from __future__ import annotations

import tomllib

from webapp.training.card_text import CardValue, card_text


def test_a_card_survives_writing_and_reading() -> None:
    card: dict[str, CardValue] = {
        "name": "net",
        "tasks": ["age", "gender"],
        "text": 'quoted "words", ü and \\',
        "accuracy": {
            "all": 0.5,
            "by_bucket": {"0-2": {"gender": 0.75}, "female, Asian": {"gender": 1}},
        },
        "input": {"mirror": True, "size": 160},
        "files": [{"name": "a", "path": "a.onnx"}, {"name": "b", "path": "b.onnx"}],
    }
    assert tomllib.loads(card_text(card)) == card

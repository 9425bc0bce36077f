"""Which style a face's emotions pick, or how they blend several.

The seven emotions are those of the emotion-style paper; FER+ has contempt as an eighth, which has
no style of its own and counts as disgust.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

from clinic_app.domain.errors import InvalidInput

EMOTIONS = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear")
STYLE_OF_EMOTION: Mapping[str, str] = {
    "neutral": "chalk",
    "happiness": "dots",
    "surprise": "glass",
    "sadness": "waves",
    "anger": "brush",
    "disgust": "ink",
    "fear": "mosaic",
}
"""A choice of ours about pictures; it says nothing about what a person feels."""
_COUNTS_AS = {"contempt": "disgust"}


def style_for(
    emotions: Mapping[str, float],
    table: Mapping[str, str] = STYLE_OF_EMOTION,
    mode: Literal["pick", "blend"] = "pick",
) -> dict[str, float]:
    """Weights of styles that sum to one, from probabilities of emotions.

    "pick" takes the style of the most probable emotion, "blend" all in proportion; emotions with
    the same style add up. Raises `InvalidInput` when a probability is no finite number of at least
    0, all are 0, or an emotion has no style.
    """
    shares: dict[str, float] = {}
    for emotion, probability in emotions.items():
        if not (math.isfinite(probability) and probability >= 0):
            raise InvalidInput("emotions", "A probability has to be a number of at least 0.")
        name = emotion if emotion in table else _COUNTS_AS.get(emotion, emotion)
        if name not in table:
            raise InvalidInput(
                "emotions", "No style is chosen for '{emotion}'.", emotion=emotion[:40]
            )
        shares[name] = shares.get(name, 0.0) + probability
    total = sum(shares.values())
    if total <= 0:
        raise InvalidInput("emotions", "No emotion was read, so no style can be chosen.")
    if mode == "pick":
        return {table[max(shares, key=lambda name: shares[name])]: 1.0}
    weights: dict[str, float] = {}
    for name, share in shares.items():
        weights[table[name]] = weights.get(table[name], 0.0) + share / total
    return weights

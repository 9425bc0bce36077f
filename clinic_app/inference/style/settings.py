"""What an optimised transfer may be asked for, with one sentence for everything else."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from clinic_app.domain.errors import InvalidInput

Start = Literal["content", "noise"]
Colour = Literal["style", "content"]
Matching = Literal["none", "before", "after"]

WEIGHT_LIMIT = 1e6
STEPS, OUTPUTS, SIDES = (1, 5000), (1, 10), (64, 1024)


class SettingRefused(InvalidInput, ValueError):
    """A setting is out of its range; `field` names it."""


@dataclass(frozen=True)
class TransferSettings:
    """Settings of one transfer; raises `SettingRefused`, a `ValueError`, when out of range.

    The losses are relative to the aim's own size, so weights mean the same for every pair of
    pictures: the total is `content_weight` * content + `style_weight` * the mean of the five
    layers' losses by `layer_weights` + `variation_weight` * total variation (the mean squared
    difference of neighbouring pixels, values in [0, 1]).
    """

    content_weight: float = 1.0
    style_weight: float = 10.0
    variation_weight: float = 1.0
    layer_weights: tuple[float, ...] = (1.0, 1.0, 1.0, 1.0, 1.0)  # conv1_1 ... conv5_1
    steps: int = 200
    outputs: int = 1  # pictures along the way, evenly spread, the last one included
    start: Start = "content"
    colour: Colour = "style"  # "content": the content keeps its own colours
    matching: Matching = "none"  # "before": the style picture is given the content's colours first;
    #                              "after": the result is given those of the style (or content)
    longest_side: int = 400  # pixels; a smaller picture is not enlarged
    seed: int = 0  # of the noise

    def __post_init__(self) -> None:
        for field, label in (
            ("content_weight", "content weight"),
            ("style_weight", "style weight"),
            ("variation_weight", "weight of the total variation"),
        ):
            self._check_weight(field, label, getattr(self, field))
        if self.content_weight + self.style_weight == 0:
            raise SettingRefused(
                "style_weight", "The content weight and the style weight cannot both be 0."
            )
        if len(self.layer_weights) != 5:
            raise SettingRefused("layer_weights", "There are five layer weights, one for a layer.")
        for weight in self.layer_weights:
            self._check_weight("layer_weights", "weight of a layer", weight)
        if sum(self.layer_weights) <= 0:
            raise SettingRefused("layer_weights", "At least one layer needs a weight above 0.")
        for field, label, (low, high) in (
            ("steps", "number of steps", STEPS),
            ("outputs", "number of pictures", OUTPUTS),
            ("longest_side", "longest side", SIDES),
        ):
            if not low <= getattr(self, field) <= high:
                words = f"The {label} has to lie between {{low}} and {{high}}."
                raise SettingRefused(field, words, low=low, high=high)
        if self.outputs > self.steps:
            raise SettingRefused("outputs", "There cannot be more pictures than steps.")
        for field, label, kinds in (
            ("start", "start", Start),
            ("colour", "colour", Colour),
            ("matching", "histogram matching", Matching),
        ):
            if getattr(self, field) not in get_args(kinds):
                words = f"The {label} has to be one of: {{choices}}."
                raise SettingRefused(field, words, choices=", ".join(get_args(kinds)))
        if not 0 <= self.seed < 2**32:
            raise SettingRefused("seed", "The seed has to lie between 0 and 4294967295.")

    def _check_weight(self, field: str, label: str, weight: float) -> None:
        if not (math.isfinite(weight) and 0 <= weight <= WEIGHT_LIMIT):
            words = f"The {label} has to lie between 0 and {{limit}}."
            raise SettingRefused(field, words, limit=int(WEIGHT_LIMIT))

    @property
    def layer_shares(self) -> tuple[float, ...]:
        """The layer weights, made to sum to one."""
        total = sum(self.layer_weights)
        return tuple(weight / total for weight in self.layer_weights)

    @property
    def output_steps(self) -> tuple[int, ...]:
        """The steps after which a picture is due."""
        return tuple(round(self.steps * k / self.outputs) for k in range(1, self.outputs + 1))

"""What an optimised transfer may be asked for, with one sentence for everything else."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from clinic_app.domain.errors import InvalidInput
from clinic_app.services.studio_data import TransferWish

Start = Literal["content", "noise"]
Colour = Literal["style", "content"]
Matching = Literal["none", "before", "after"]

WEIGHT_LIMIT = 1e6
STEPS, OUTPUTS, SIDES = (1, 5000), (1, 10), (64, 1024)


_BETWEEN = {
    "content_weight": "The content weight has to lie between {low} and {high}.",
    "style_weight": "The style weight has to lie between {low} and {high}.",
    "variation_weight": "The weight of the smoothness has to lie between {low} and {high}.",
    "layer_weights": "The weight of a layer has to lie between {low} and {high}.",
    "steps": "The number of steps has to lie between {low} and {high}.",
    "outputs": "The number of pictures has to lie between {low} and {high}.",
    "longest_side": "The longest side has to lie between {low} and {high} pixels.",
    "seed": "The seed has to lie between {low} and {high}.",
}
_ONE_OF = {
    "start": "The start has to be one of: {choices}.",
    "colour": "The colour has to be one of: {choices}.",
    "matching": "Histogram matching has to be one of: {choices}.",
}


class SettingRefused(InvalidInput, ValueError):
    """A setting is out of its range; `field` names it."""


@dataclass(frozen=True)
class TransferSettings(TransferWish):
    """A wish that can be carried out, with the wish's usual values; raises `SettingRefused`, a
    `ValueError`, when out of range.

    The losses are relative to the aim's own size, so weights mean the same for every pair of
    pictures: the total is `content_weight` * content + `style_weight` * the mean of the five
    layers' losses by `layer_weights` + `variation_weight` * total variation (the mean squared
    difference of neighbouring pixels, values in [0, 1]). `outputs` are evenly spread, the last
    picture included; a picture smaller than `longest_side` is not enlarged. Histograms are matched
    "before": the style picture is given the content's colours first; or "after": the result is
    given those of the style (or content).
    """

    seed: int = 0  # of the noise

    def __post_init__(self) -> None:
        for field in ("content_weight", "style_weight", "variation_weight"):
            self._check_range(field, getattr(self, field), 0, WEIGHT_LIMIT)
        if self.content_weight + self.style_weight == 0:
            raise SettingRefused(
                "style_weight", "The content weight and the style weight cannot both be 0."
            )
        if len(self.layer_weights) != 5:
            raise SettingRefused("layer_weights", "There are five layer weights, one for a layer.")
        for weight in self.layer_weights:
            self._check_range("layer_weights", weight, 0, WEIGHT_LIMIT)
        if sum(self.layer_weights) <= 0:
            raise SettingRefused("layer_weights", "At least one layer needs a weight above 0.")
        for field, limits in (("steps", STEPS), ("outputs", OUTPUTS), ("longest_side", SIDES)):
            self._check_range(field, getattr(self, field), *limits)
        self._check_range("seed", self.seed, 0, 2**32 - 1)
        if self.outputs > self.steps:
            raise SettingRefused("outputs", "There cannot be more pictures than steps.")
        for field, kinds in (("start", Start), ("colour", Colour), ("matching", Matching)):
            if getattr(self, field) not in get_args(kinds):
                choices = ", ".join(get_args(kinds))
                raise SettingRefused(field, _ONE_OF[field], choices=choices)

    def _check_range(self, field: str, value: float, low: float, high: float) -> None:
        if not (math.isfinite(value) and low <= value <= high):
            raise SettingRefused(field, _BETWEEN[field], low=int(low), high=int(high))

    @property
    def layer_shares(self) -> tuple[float, ...]:
        """The layer weights, made to sum to one."""
        total = sum(self.layer_weights)
        return tuple(weight / total for weight in self.layer_weights)

    @property
    def output_steps(self) -> tuple[int, ...]:
        """The steps after which a picture is due."""
        return tuple(round(self.steps * k / self.outputs) for k in range(1, self.outputs + 1))

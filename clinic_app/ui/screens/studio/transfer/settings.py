"""What a transfer is asked for: sliders, choices, and layer weights folded away."""

from __future__ import annotations

from typing import Literal

from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from clinic_app.services.studio_data import TransferWish
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.basics import button, card, column, label
from clinic_app.ui.widgets.dial import Dial, percent_dial
from clinic_app.ui.widgets.fields import Field, choice

LAYERS = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1")
SIDES = (64, 128, 192, 256, 320, 400, 512, 640, 711, 768, 896, 1024)
STEPS = (10, 20, 50, 100, 200, 300, 500, 1000, 2000)


class SettingsCard(QWidget):
    """Everything has a value that works; ``wish`` is what is set."""

    def __init__(self) -> None:
        super().__init__()
        usual = TransferWish()
        holder, box = card(margin=2, gap=1)
        column(self).addWidget(holder)
        box.addWidget(label(tr("Settings"), "heading"))
        self.content = _weight(tr("Content (α)"), 0, 2, usual.content_weight)
        self.style_weight = _weight(tr("Style (β)"), 0, 3, usual.style_weight)
        self.variation = _weight(tr("Smoothness (γ)"), -1, 2, usual.variation_weight)
        self.steps = _stops(tr("Steps"), STEPS, usual.steps)
        self.side = _stops(tr("Longest side in pixels"), SIDES, usual.longest_side)
        self.outputs = Dial(
            tr("Pictures along the way"),
            9,
            lambda step: step + 1,
            lambda n: f"{n:g}",
            start=usual.outputs - 1,
        )
        for one in (
            self.content,
            self.style_weight,
            self.variation,
            self.steps,
            self.side,
            self.outputs,
        ):
            box.addWidget(one)
        self._build_choices(box)
        self._build_layers(box)

    def wish(self) -> TransferWish:
        """What is set now."""
        start: Literal["content", "noise"] = self.start.currentData()
        colour: Literal["style", "content"] = self.colour.currentData()
        matching: Literal["none", "before", "after"] = self.matching.currentData()
        weights = [one.value for one in self.layers]
        a, b, c, d, e = weights if any(weights) else [1.0] * 5
        return TransferWish(
            content_weight=self.content.value,
            style_weight=self.style_weight.value,
            variation_weight=self.variation.value,
            layer_weights=(a, b, c, d, e),
            steps=int(self.steps.value),
            outputs=min(int(self.outputs.value), int(self.steps.value)),
            start=start,
            colour=colour,
            matching=matching,
            longest_side=int(self.side.value),
        )

    def show_wish(self, wish: TransferWish) -> None:
        """Set everything to what it is asked for, as nearly as the sliders can."""
        dials = (
            (self.content, wish.content_weight),
            (self.style_weight, wish.style_weight),
            (self.variation, wish.variation_weight),
            (self.steps, wish.steps),
            (self.side, wish.longest_side),
            (self.outputs, wish.outputs),
            *zip(self.layers, wish.layer_weights, strict=True),
        )
        for dial, value in dials:
            dial.show_value(value)
        choices = (
            (self.start, wish.start),
            (self.colour, wish.colour),
            (self.matching, wish.matching),
        )
        for box, data in choices:
            box.setCurrentIndex(box.findData(data))

    def _build_choices(self, box: QVBoxLayout) -> None:
        self.start = _choice((tr("From the picture"), "content"), (tr("From noise"), "noise"))
        self.colour = _choice(
            (tr("Those of the style"), "style"), (tr("Those of the picture"), "content")
        )
        self.matching = _choice(
            (tr("Not matched"), "none"),
            (tr("Style matched before"), "before"),
            (tr("Result matched after"), "after"),
        )
        box.addWidget(Field(tr("Start"), self.start))
        box.addWidget(Field(tr("Colours"), self.colour))
        box.addWidget(Field(tr("Histograms"), self.matching))

    def _build_layers(self, box: QVBoxLayout) -> None:
        self.fold = button(tr("Layer weights"), "link", self._unfold)
        self.fold.setCheckable(True)
        self.fold.setAccessibleDescription(tr("Advanced: shows or hides five sliders"))
        box.addWidget(self.fold)
        self._folded = QWidget()
        inside = column(self._folded)
        inside.addWidget(
            label(tr("How much each layer counts, from fine strokes to large shapes."), "small")
        )
        self.layers = [percent_dial(name) for name in LAYERS]
        for one in self.layers:
            inside.addWidget(one)
        self._folded.hide()
        box.addWidget(self._folded)

    def _unfold(self) -> None:
        self._folded.setVisible(self.fold.isChecked())


def _weight(caption: str, low: int, high: int, start: float) -> Dial:
    """0, then ten steps to each power of ten from ``10^low`` to ``10^high``."""
    steps = 10 * (high - low) + 1

    def value(step: int) -> float:
        return 0.0 if step == 0 else float(f"{10 ** (low + (step - 1) / 10):.2g}")

    places = range(steps + 1)
    nearest = min(places, key=lambda step: abs(value(step) - start))
    return Dial(caption, steps, value, lambda value: f"{value:g}", start=nearest)


def _stops(caption: str, values: tuple[int, ...], start: int) -> Dial:
    place = values.index(start)
    return Dial(
        caption, len(values) - 1, lambda step: values[step], lambda n: f"{n:g}", start=place
    )


def _choice(*options: tuple[str, object]) -> QComboBox:
    return choice(options)

"""Words of the studio: names of styles and references, and how a result was made."""

from __future__ import annotations

from collections.abc import Mapping

from clinic_app.domain.studio import StudioSource
from clinic_app.services.studio_data import TransferNews, TransferWish
from clinic_app.ui.strings import tr
from clinic_app.ui.turns import Ahead
from clinic_app.ui.widgets.progress import time_left_text

STYLE_NAMES = {
    "brush": "Brush",
    "chalk": "Chalk",
    "dots": "Dots",
    "folds": "Folds",
    "glass": "Glass",
    "ink": "Ink",
    "mosaic": "Mosaic",
    "wash": "Wash",
    "waves": "Waves",
    "woodcut": "Woodcut",
}
REFERENCE_NAMES = {
    "daylight": "Daylight",
    "soft window": "Soft window",
    "clear studio": "Clear studio",
    "ring light": "Ring light",
}
SOURCE_LABELS = {
    StudioSource.FILE: "a file",
    StudioSource.WEBCAM: "the camera",
    StudioSource.SAMPLE: "the sample portrait",
    StudioSource.PATIENT: "a patient's record",
}


TRANSFER, MEASUREMENT = "transfer", "measurement"
"""Names of the studio's long work, which goes one after the other."""


def waiting_words(ahead: Ahead) -> str:
    """What is waited for, and for about how long yet."""
    known = ahead.seconds is not None
    if ahead.name == MEASUREMENT:
        words = (
            tr("Begins by itself when the measurement of a look has ended, {left}.")
            if known
            else tr("Begins by itself when the measurement of a look has ended.")
        )
    else:
        words = (
            tr("Begins by itself when the optimised transfer has ended, {left}.")
            if known
            else tr("Begins by itself when the optimised transfer has ended.")
        )
    return words.format(left=time_left_text(ahead.seconds))


def style_name(name: str) -> str:
    """What a style is called here; one that a model brings along keeps its own name."""
    return tr(STYLE_NAMES[name]) if name in STYLE_NAMES else name


def reference_name(name: str) -> str:
    return tr(REFERENCE_NAMES[name]) if name in REFERENCE_NAMES else name


def blend_words(weights: Mapping[str, float]) -> str:
    """The styles with their shares, the largest first."""
    total = sum(weights.values()) or 1.0
    ordered = sorted(weights.items(), key=lambda one: -one[1])
    shown = [(name, round(100 * share / total)) for name, share in ordered if share > 0]
    if len(shown) == 1:
        return style_name(shown[0][0])
    return ", ".join(f"{style_name(name)} {percent} %" for name, percent in shown if percent)


def log_line(news: TransferNews) -> str:
    """One line of the log of losses."""
    return tr(
        "Step {step} of {steps}: content {content}, style {style}, variation {variation},"
        " together {total}"
    ).format(
        step=news.step,
        steps=news.steps,
        content=f"{news.content_loss:.4g}",
        style=f"{news.style_loss:.4g}",
        variation=f"{news.variation_loss:.4g}",
        total=f"{news.total:.4g}",
    )


def made_with(style: str, wish: TransferWish, steps: int) -> str:
    """How a transfer was made, kept with the result."""
    return tr("{style}; α {content}, β {weight}, γ {smoothness}, {n} steps").format(
        style=style,
        content=f"{wish.content_weight:g}",
        weight=f"{wish.style_weight:g}",
        smoothness=f"{wish.variation_weight:g}",
        n=steps,
    )

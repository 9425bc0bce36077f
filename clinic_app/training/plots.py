"""Pictures on the cards: one style, safe for colour-blind readers, light ground, small files."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from PIL import Image

from clinic_app.inference import metrics
from clinic_app.training.fer_head import LABELS

mpl.use("Agg")
from matplotlib import pyplot as plt

Figures = Mapping[str, Any]
MAX_BYTES = 60_000
_INK, _QUIET, _GRID = "#1f2933", "#5f6c7b", "#d9dee4"
# Okabe and Ito's palette, told apart with every common kind of colour blindness.
COLOURS = {
    "raw": "#0072B2",
    "ours": "#D55E00",
    "normalised": "#D55E00",
    "grey_world": "#E69F00",
    "clahe": "#CC79A7",
    "johnson": "#009E73",
    "people": "#5f6c7b",
    "before": "#9aa5b1",
}
NAMES = {
    "raw": "raw",
    "normalised": "normalised",
    "grey_world": "grey-world",
    "clahe": "CLAHE",
    "johnson": "Johnson net",
    "ours": "this normaliser",
}
_MARKS = {"raw": "o", "grey_world": "s", "clahe": "^", "johnson": "D", "ours": "o"}
_STYLE = {
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "font.size": 9,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.edgecolor": _QUIET,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": _GRID,
    "grid.linewidth": 0.8,
    "xtick.color": _QUIET,
    "ytick.color": _QUIET,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
}


def severity_pictures(folder: Path, figures: Figures, before: Figures) -> dict[str, str]:
    """Write what the severity card shows; returns captions by file name."""
    with mpl.rc_context(_STYLE):
        made = {
            "severity-people.png": (_people(figures), "The net and panels of human raters"),
            "severity-bands.png": (
                _two_confusions(figures["confusion_bands"], metrics.BANDS, "bands"),
                "Bands: row, what the raters said; column, what the net said",
            ),
            "severity-emotions.png": (
                _confusion(figures["confusion_emotions"]["raw"], metrics.EMOTIONS, "FER+ emotions"),
                "Eight emotions (FER+ majority), raw face",
            ),
            "severity-fer2013.png": (
                _confusion(
                    figures["fer2013_seven_classes"]["raw"]["confusion"], LABELS, "FER2013 labels"
                ),
                "Seven FER2013 classes, head fitted for measuring only, raw face",
            ),
            "severity-reliability.png": (
                _reliability(figures),
                "Reliability: stated probability against how often it was right",
            ),
            "severity-risk-coverage.png": (
                _risk(figures),
                "Error of the kept readings as the least certain are refused",
            ),
            "severity-groups.png": (
                _groups(figures, before),
                "Mean reading by group of UTKFace, raw face, 95% interval",
            ),
            "severity-map-check.png": (
                _cascade(figures["map_randomisation"]),
                "Activation map before and after shuffling weights, layer by layer",
            ),
        }
        return _saved(folder, made)


def style_pictures(folder: Path, severity: Figures) -> dict[str, str]:
    """Write what the normaliser's card shows; returns captions by file name."""
    with mpl.rc_context(_STYLE):
        part = severity["light_unseen_subjects"]
        made = {
            "style-light-angle.png": (
                _angles(part),
                "Bands that differ from frontal light, by the angle of the light",
            ),
            "style-subjects.png": (
                _subjects(part),
                "Spread of the reading for each unseen subject",
            ),
        }
        return _saved(folder, made)


def learning_picture(
    folder: Path, name: str, histories: Mapping[str, Sequence[Figures]]
) -> dict[str, str]:
    """Loss and validation score by epoch of every stage that lasted two epochs or more.

    Without any, the picture that an earlier run left stays: weights that were not trained anew.
    """
    shown = {stage: epochs for stage, epochs in histories.items() if len(epochs) > 1}
    if not shown:
        kept = folder / f"{name}-learning.png"
        return {kept.name: "Learning curves"} if kept.exists() else {}
    with mpl.rc_context(_STYLE):
        figure, axes = plt.subplots(
            2, len(shown), figsize=(6.4, 3.9), squeeze=False, sharex="col", layout="constrained"
        )
        for column, (stage, epochs) in enumerate(shown.items()):
            number = [epoch["epoch"] for epoch in epochs]
            top, bottom = axes[0][column], axes[1][column]
            top.plot(number, [sum(e["loss"].values()) for e in epochs], color=COLOURS["raw"])
            bottom.plot(number, [e["validation"]["score"] for e in epochs], color=COLOURS["ours"])
            top.set_title(stage)
            bottom.set_xlabel("epoch")
            bottom.xaxis.set_major_locator(mpl.ticker.MaxNLocator(5, integer=True))
        axes[0][0].set_ylabel("training loss")
        axes[1][0].set_ylabel("validation score")
        return _saved(folder, {f"{name}-learning.png": (figure, "Learning curves")})


def _saved(folder: Path, made: Mapping[str, tuple[Any, str]]) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    for name, (figure, _) in made.items():
        (folder / name).write_bytes(_png(figure))
        plt.close(figure)
    return {name: caption for name, (_, caption) in made.items()}


def _png(figure: Any) -> bytes:
    """PNG with 64 colours, twice as fine as it is shown, under the limit of a card's picture."""
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=160, format="png")
    small = io.BytesIO()
    Image.open(buffer).convert("RGB").quantize(64).save(small, format="PNG", optimize=True)
    if small.tell() > MAX_BYTES:
        raise ValueError(f"a picture of {small.tell()} bytes is too large for a card")
    return small.getvalue()


def _people(figures: Figures) -> Any:
    """Dots with intervals: panels of k people, and the net against the same remaining raters."""
    sizes = figures["human_panel"]["sizes"]
    shown = (
        ("pearson", "correlation"),
        ("balanced_accuracy", "balanced accuracy"),
        ("band_kappa", "kappa of bands"),
        ("emotion_accuracy", "8 emotions"),
    )
    figure, axes = plt.subplots(1, 4, figsize=(6.4, 2.5), layout="constrained")
    for axis, (key, title) in zip(axes, shown, strict=True):
        for offset, who, label in ((-0.13, "people", "people"), (0.13, "net", "this net")):
            colour = COLOURS["people"] if who == "people" else COLOURS["raw"]
            value = np.array([sizes[k][who][key] for k in sizes])
            axis.errorbar(
                np.arange(len(sizes)) + offset,
                value[:, 0],
                yerr=np.abs(value[:, 1:].T - value[:, 0]),
                fmt="o" if who == "net" else "s",
                color=colour,
                capsize=2,
                label=label,
            )
        axis.set_xticks(range(len(sizes)), list(sizes))
        axis.set_title(title, fontsize=9)
        axis.grid(visible=False, axis="x")
        axis.margins(x=0.15)
    axes[0].legend(fontsize=8, loc="lower right")
    figure.supxlabel(
        "people in the panel; the rest of the ten raters are the reference", fontsize=9
    )
    return figure


def _two_confusions(counts: Figures, labels: Sequence[str], title: str) -> Any:
    figure, axes = plt.subplots(1, 2, figsize=(6.4, 3.0), layout="constrained")
    for axis, name in zip(axes, ("raw", "normalised"), strict=True):
        _matrix(axis, np.array(counts[name]), labels, f"{title}, {NAMES[name]}")
    return figure


def _confusion(counts: Sequence[Sequence[int]], labels: Sequence[str], title: str) -> Any:
    figure, axis = plt.subplots(figsize=(5.6, 4.4), layout="constrained")
    _matrix(axis, np.array(counts), labels, title)
    return figure


def _matrix(axis: Any, counts: Any, labels: Sequence[str], title: str) -> None:
    """Shares of each row as shade and percent, counts below."""
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axis.imshow(share, cmap="Blues", vmin=0, vmax=1)
    axis.grid(visible=False)
    for row, column in np.ndindex(*counts.shape):
        axis.text(
            column,
            row,
            f"{share[row, column]:.0%}\n{counts[row, column]}",
            ha="center",
            va="center",
            fontsize=7,
            color="white" if share[row, column] > 0.55 else _INK,
        )
    axis.set_xticks(range(len(labels)), labels, rotation=35 if len(labels) > 4 else 0)
    axis.set_yticks(range(len(labels)), labels)
    axis.tick_params(length=0)
    axis.set_xlabel("net")
    axis.set_ylabel("labels")
    axis.set_title(title)


def _reliability(figures: Figures) -> Any:
    figure, axes = plt.subplots(1, 2, figsize=(6.4, 3.1), sharey=True, layout="constrained")
    panels = (
        ("reliability_bands", "largest of the four bands"),
        ("reliability_positive", "s ≥ 0.35"),
    )
    for axis, (key, title) in zip(axes, panels, strict=True):
        axis.plot([0, 1], [0, 1], color=_QUIET, linewidth=1, linestyle=":")
        for name in ("raw", "normalised"):
            points = np.array(figures[key][name])
            axis.plot(points[:, 0], points[:, 1], marker="o", color=COLOURS[name], label=name)
            for stated, true, n in points if name == "raw" else ():
                axis.annotate(
                    f"{n:.0f}",
                    (stated, true),
                    (4, -10),
                    textcoords="offset points",
                    fontsize=7,
                    color=_QUIET,
                )
        axis.set_title(title)
        axis.set_xlabel("stated probability")
        axis.set_xlim(0, 1)
        axis.set_ylim(0, 1)
    axes[0].set_ylabel("share that was right")
    axes[0].legend(loc="upper left")
    return figure


def _risk(figures: Figures) -> Any:
    figure, axis = plt.subplots(figsize=(5.2, 2.9), layout="constrained")
    for name, curve in figures["risk_coverage"].items():
        points = np.array(curve)
        axis.plot(points[:, 0], points[:, 1], color=COLOURS[name], label=name)
    axis.set_xlabel("share of faces that are read")
    axis.set_ylabel("wrong band")
    axis.set_xlim(0, 1)
    axis.set_ylim(bottom=0)
    axis.legend(loc="upper left")
    return figure


def _angles(part: Figures) -> Any:
    figure, axis = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
    axis.axvspan(0, 60, color="#f1f4f7", zorder=0)
    for name, colour in COLOURS.items():
        if name in part and name in _MARKS:
            points = np.array(part[name]["by_angle"])
            axis.plot(
                points[:, 0],
                points[:, 1],
                marker=_MARKS[name],
                color=colour,
                label=NAMES[name],
                linewidth=2.6 if name == "ours" else 1.5,
            )
    axis.set_xlabel("degrees between light and camera")
    axis.set_ylabel("readings in another band")
    axis.set_ylim(bottom=0)
    axis.set_xlim(left=0)
    axis.legend(loc="upper left")
    return figure


def _subjects(part: Figures) -> Any:
    figure, axis = plt.subplots(figsize=(5.6, 2.7), layout="constrained")
    people = [row[0] for row in part["raw"]["by_subject"]]
    for offset, name in ((-0.12, "raw"), (0.12, "ours")):
        axis.plot(
            np.arange(len(people)) + offset,
            [row[1] for row in part[name]["by_subject"]],
            linestyle="",
            marker=_MARKS[name],
            color=COLOURS[name],
            label=NAMES[name],
        )
    axis.set_xticks(range(len(people)), [str(int(one)) for one in people])
    axis.set_xlabel("subject")
    axis.set_ylabel("standard deviation")
    axis.set_ylim(bottom=0)
    axis.legend(loc="upper right", ncols=2, bbox_to_anchor=(1, 1.18))
    return figure


def _groups(figures: Figures, before: Figures) -> Any:
    now, then = figures["groups"], before.get("groups", {})
    names = list(now)
    figure, axis = plt.subplots(figsize=(5.6, 3.6), layout="constrained")
    series = [(0.14, now, COLOURS["raw"], "o", "this release")]
    if then:
        label = f"version {before['version']}"
        series.append((-0.14, then, COLOURS["before"], "s", label))
    for offset, source, colour, mark, label in series:
        rows = [k for k, name in enumerate(names) if name in source]
        value = np.array([source[names[k]]["raw"] for k in rows])
        axis.errorbar(
            value[:, 0],
            np.array(rows) - offset,
            xerr=np.abs(value[:, 1:].T - value[:, 0]),
            fmt=mark,
            color=colour,
            capsize=2,
            label=label,
        )
    axis.set_yticks(range(len(names)), [f"{name} ({now[name]['n']})" for name in names])
    axis.invert_yaxis()
    axis.grid(visible=False, axis="y")
    axis.set_xlabel("mean sadness reading")
    axis.set_xlim(left=0)
    axis.legend(loc="upper right")
    return figure


def _cascade(check: Figures) -> Any:
    figure, axis = plt.subplots(figsize=(5.2, 2.8), layout="constrained")
    place = np.arange(len(check["cascade"]) + 1)
    shown = (("rank_correlation", "rank correlation", "raw", "o"), ("ssim", "SSIM", "ours", "s"))
    for key, label, colour, mark in shown:
        values = [1.0, *(row[key][0] for row in check["cascade"])]
        axis.plot(place, values, marker=mark, color=COLOURS[colour], label=label)
        axis.axhline(
            check["other_faces"][key][0], color=COLOURS[colour], linestyle=":", linewidth=1
        )
    axis.set_xticks(place, ["none", *(str(row["layers"]) for row in check["cascade"])])
    axis.set_xlabel("shuffled layers, from the head down (dotted: maps of two different faces)")
    axis.xaxis.label.set_size(8)
    axis.set_ylabel("similarity")
    axis.set_ylim(-1.05, 1.05)
    axis.legend(loc="upper right")
    return figure

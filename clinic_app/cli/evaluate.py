"""`clinic-app evaluate`: metrics of the shipped models on labelled data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from clinic_app.cli.options import Json
from clinic_app.cli.output import print_json, say, shown_share


def evaluate(
    data: Annotated[Path, typer.Argument(metavar="DATA.npz")],
    split: Annotated[
        int | None, typer.Option("--split", help="Only the pictures of this part of the data.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure the shipped models on labelled faces; it can take minutes.

    The files that it knows are those of docs/training.md.
    """
    from clinic_app.inference.evaluate import evaluate as measure
    from clinic_app.paths import MODELS

    with shown_share("Measuring") as tell:
        results = measure(data, split, MODELS, tell)
    if as_json:
        print_json(results)
        return
    for line in [*table(results), *_lines(results)]:
        say(line)


_COLUMNS = (
    ("pearson", "correlation"),
    ("auc_share_0.35", "AUC"),
    ("balanced_accuracy_share_0.35", "balanced"),
    ("band_kappa", "kappa"),
    ("emotion_accuracy", "8 emotions"),
)


def table(results: dict[str, Any]) -> list[str]:
    """Both readings and the panels of human raters, one line each; empty for other data."""
    people = results.get("human_panel", {})
    rows = {
        **{
            name: results[name]
            for name in ("raw", "normalised")
            if "pearson" in results.get(name, {})
        },
        **{f"{k} human raters": people[k] for k in ("1", "3", "5") if k in people},
    }
    if not rows:
        return []
    head = "".join(f"{label:>24}" for _, label in _COLUMNS)
    lines = [f"{'':16}{head}"]
    for name, figures in rows.items():
        cells = (figures.get(key) for key, _ in _COLUMNS)
        text = (f"{c[0]:.3f} [{c[1]:.3f}, {c[2]:.3f}]" if c else "-" for c in cells)
        lines.append(
            f"{name.replace('1 human raters', 'one human rater'):16}"
            + "".join(f"{t:>24}" for t in text)
        )
    return [*lines, ""]


def _lines(value: Any, indent: str = "") -> list[str]:
    """Nested results as indented lines."""
    lines: list[str] = []
    for name, item in value.items():
        if isinstance(item, dict):
            lines.append(f"{indent}{name}")
            lines += _lines(item, indent + "  ")
        else:
            text = f"{item:.4f}" if isinstance(item, float) else str(item)
            lines.append(f"{indent}{name}: {text}")
    return lines

"""`clinic-app evaluate`: metrics of the shipped models on labelled data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from clinic_app.cli.options import Json
from clinic_app.cli.output import print_json, say


def evaluate(
    data: Annotated[Path, typer.Argument(metavar="DATA.npz")],
    split: Annotated[
        int | None, typer.Option("--split", help="Only the pictures of this part of the data.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure the shipped models on labelled faces."""
    from clinic_app.inference.evaluate import evaluate as measure
    from clinic_app.paths import MODELS

    results = measure(data, split, MODELS)
    if as_json:
        print_json(results)
        return
    for line in _lines(results):
        say(line)


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

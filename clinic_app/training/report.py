"""`python -m clinic_app.training.report`: measure released files again and write what was found.

Writes the cards with their pictures, `cards/figures.json`, the "Accuracy" section of
`docs/benchmarks.md` and the table of goals in `docs/training.md`. The model files, their metadata
and the manifest stay as they are.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from clinic_app.training import accuracy_page, cards, goals, leaks, manifest, seeds
from clinic_app.training.calibrate import IntervalRow
from clinic_app.training.card_texts import Met
from clinic_app.training.evaluate import OnnxModels
from clinic_app.training.measure import Measurement, johnson_of
from clinic_app.training.measure_reading import ReadingMeasurement
from clinic_app.training.prepare import Workspace

log = logging.getLogger("training")

ROOT = Path(__file__).parents[2]


def measured(
    work: Workspace, folder: Path, trained: Path | None, *, brief: bool = False
) -> dict[str, Any]:
    """Every figure of the models in `folder`, in plain form, by model."""
    figures = _measurement(work, folder, trained, brief).all()
    return {name: manifest.plain(some) for name, some in figures.items()}


PARTS: dict[str, Callable[[ReadingMeasurement], dict[str, Any]]] = {
    "accuracy": ReadingMeasurement.accuracy,
    "people": lambda reading: {"human_panel": reading.human_panel()},
    "choice": lambda reading: {"choice": reading.choice()},
    "light": ReadingMeasurement.light,
    "pipeline": lambda reading: {"through_the_pipeline": reading.pipeline()},
    "map": lambda reading: {"map_randomisation": reading.map_randomisation()},
    "groups": ReadingMeasurement.groups,
    "leaks": lambda reading: {"leak_check": leaks.check(reading.work)},
}
"""Parts of the severity net's figures that can be measured again without the others."""
OTHERS: dict[str, Callable[[Measurement], dict[str, Any]]] = {
    "style": Measurement.style,
    "landmarks": Measurement.landmarks,
}
"""The figures of another model, as a part."""


def measured_parts(
    work: Workspace,
    folder: Path,
    trained: Path | None,
    stored: dict[str, Any],
    parts: Sequence[str],
    *,
    brief: bool,
) -> dict[str, Any]:
    """The `stored` figures with `parts` of them measured again, such as when a net to compare with
    was trained later."""
    measurement = _measurement(work, folder, trained, brief)
    reading = measurement.reading()
    found: dict[str, Any] = {}
    for part in parts:
        if part in PARTS:
            found |= {name: manifest.plain(some) for name, some in PARTS[part](reading).items()}
    others = {part: manifest.plain(OTHERS[part](measurement)) for part in parts if part in OTHERS}
    severity = with_johnson({**stored["severity"], **found}, stored["severity"])
    return {**stored, "severity": severity, **others}


def with_johnson(severity: dict[str, Any], stored: dict[str, Any]) -> dict[str, Any]:
    """Figures with the `stored` ones of the Johnson net under light where that net was not there to
    be measured again, and the same reader read the same pictures."""
    found = dict(severity)
    for name, part in severity.items():
        if name.startswith("light_"):
            found[name] = _johnson_kept(name, part, stored.get(name, {}))
    through = found.get("through_the_pipeline", {})
    if "light" in through:
        known = stored.get("through_the_pipeline", {}).get("light", {})
        light = _johnson_kept("through the pipeline", through["light"], known)
        found["through_the_pipeline"] = {**through, "light": light}
    return found


def _johnson_kept(where: str, part: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """A `part` under light with the Johnson figures of the `known` one where they belong to it."""
    if "johnson" in part or "johnson" not in known:
        return part
    if not _alike(part.get("raw"), known["raw"]):
        log.warning("%s: raw figures are others than before, the Johnson row is dropped", where)
        return part
    return {**part, "johnson": known["johnson"]}


def _alike(figures: Any, others: Any) -> bool:
    """Equality of plain figures to the last digit; where both have no number, they are equal."""
    return json.dumps(figures) == json.dumps(others)


def _measurement(work: Workspace, folder: Path, trained: Path | None, brief: bool) -> Measurement:
    models = OnnxModels(folder)
    chosen = models.calibration
    rows = [IntervalRow(**row) for row in chosen["percent_interval"]["rows"]]
    threshold = chosen["threshold_share_0.35_on_sadness"]
    return Measurement(work, models, threshold, rows, brief, johnson_of(trained))


def kept_figures(folder: Path) -> dict[str, Any]:
    """The figures beside the cards of `folder`."""
    stored: dict[str, Any] = json.loads((folder / "cards" / cards.FIGURES).read_text("utf-8"))
    return stored


def write(folder: Path, figures: dict[str, Any], trained: Path | None, docs: Path | None) -> None:
    """Cards and pictures into `folder`/cards, and the sections into the pages of `docs`."""
    entries = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["models"]
    cards.write_all(folder / "cards", entries, figures, trained)
    if docs is None:
        return
    reading, page = entries["severity"], docs / "benchmarks.md"
    text = accuracy_page.section(
        reading["version"], reading["reading_that_counts"], figures, Met.by(entries["style"])
    )
    accuracy_page.write(page, text)
    before = json.loads(cards.BEFORE.read_text(encoding="utf-8"))
    text = goals.section(figures, entries, before, page.read_text(encoding="utf-8"))
    accuracy_page.write(docs / "training.md", text, (goals.BEGIN, goals.END))


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m clinic_app.training.report")
    parser.add_argument("--data", type=Path, required=True, help="folder of the data files")
    parser.add_argument("--out", type=Path, required=True, help="folder of the training run")
    parser.add_argument("--cache", type=Path, help="folder for decoded data (default: OUT/cache)")
    parser.add_argument("--models", type=Path, default=ROOT / "models", help="folder to measure")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="a few hundred faces; no page")
    parser.add_argument(
        "--draw-only", action="store_true", help="write anew from the figures beside the cards"
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=(*PARTS, *OTHERS),
        help="measure this part again, nothing else",
    )
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    torch.set_num_threads(1)
    others = seeds.other_seeds(options.seed, options.out, options.models)
    if others:
        print(
            f"The models to measure were made with seed {others[0]}: with another one they are "
            "measured on what they learned from.",
            file=sys.stderr,
        )
        return 2
    work = Workspace(options.data, options.cache or options.out / "cache", options.seed)
    if options.draw_only:
        figures = kept_figures(options.models)
    elif options.only:
        kept = kept_figures(options.models)
        figures = measured_parts(
            work, options.models, options.out, kept, options.only, brief=options.quick
        )
    else:
        figures = measured(work, options.models, options.out, brief=options.quick)
        stored = kept_figures(options.models)
        figures["severity"] = with_johnson(figures["severity"], stored["severity"])
    write(options.models, figures, options.out, None if options.quick else ROOT / "docs")
    return 0


if __name__ == "__main__":
    sys.exit(main())

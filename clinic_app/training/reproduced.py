"""`python -m clinic_app.training.reproduced`: a run's figures beside those of the shipped files.

A run on another machine, or on another number of threads, does not end at the same weights: it
has to end at models that are as good. Each figure of the new models is held against the 95 %
interval of the shipped one, measured on the same pictures. `make train` ends with this table.

The intervals say what other pictures would have changed, not what another training does: 95 %
within is not what to expect.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clinic_app.training import accuracy_page, cards
from clinic_app.training.card_tables import CORRECTIONS, READINGS, SEVERITY_ROWS, interval, table

BEGIN, END = "<!-- reproduced: begin -->", "<!-- reproduced: end -->"
ROOT = Path(__file__).parents[2]
Figures = Mapping[str, Any]
Interval = list[float]

_LIGHT = "severity.light_unseen_subjects"
_SIDES = "landmarks.asymmetry_known_bends.measures"
MAIN = {
    **{
        f"severity.{reading}.{key}": f"{label}, {name}"
        for key, label in SEVERITY_ROWS
        for reading, name in READINGS[:2]
    },
    **{
        f"{_LIGHT}.{name}.{key}": f"{label}, unseen subjects, {correction}"
        for key, label in (("spread", "spread over light"), ("flips_near", "flips up to 60°"))
        for name, correction in CORRECTIONS
        if name in ("raw", "ours")
    },
    "severity.group_shifts.normalised.sex.difference": "largest shift by sex, normalised",
    "severity.group_shifts.normalised.group.difference": "largest shift by group, normalised",
    "severity.group_shifts.normalised.age.difference": "largest shift by age, normalised",
    "style.emotion_agreement_clean": "emotion agreement before and after normalising",
    "style.landmark_drift_percent": "landmark drift by normalising, %",
    "landmarks.error_percent": "landmark error, %",
    f"{_SIDES}.eye_opening_percent.correlation": "known bends, eye opening, correlation",
    f"{_SIDES}.brow_height_percent.correlation": "known bends, brow height, correlation",
    f"{_SIDES}.lip_corner_percent.correlation": "known bends, lip corners, correlation",
}
"""The figures that are listed one by one, by their place."""
NOT_OF_THE_NETS = frozenset(
    {"accepted", "accepted_near", "face_found", "mean_shape_error_percent", "deviation"}
)
NOR_THESE = (".training_mean_for_every_face.", ".fer2013_labels.")
"""What the gate lets through, what a trivial model does and what the labels are among themselves
stay the same whatever was trained."""


@dataclass(frozen=True)
class Pair:
    """One figure of both: [value, low, high]."""

    shipped: Interval
    again: Interval

    @property
    def within(self) -> bool:
        """Whether the new value lies in the shipped one's interval."""
        return self.shipped[1] <= self.again[0] <= self.shipped[2]


def pairs(shipped: Figures, again: Figures) -> dict[str, Pair]:
    """Every figure of the nets that both measured with an interval, by its place."""
    new = dict(_intervals(again))
    return {
        place: Pair(found, new[place])
        for place, found in _intervals(shipped)
        if place in new and _of_the_nets(place)
    }


def missing(shipped: Figures, again: Figures) -> list[str]:
    """Places of the shipped nets' figures that the new run did not measure with an interval."""
    found = pairs(shipped, again)
    return [p for p, _ in _intervals(shipped) if _of_the_nets(p) and p not in found]


def section(version: str, shipped: Figures, again: Figures) -> str:
    """The table, as Markdown between two marks."""
    found = pairs(shipped, again)
    rows = [
        (label, interval(pair.shipped), f"{pair.again[0]:.3f}", "yes" if pair.within else "no")
        for place, label in MAIN.items()
        if (pair := found.get(place)) is not None
    ]
    listed = [pair for place, pair in found.items() if place in MAIN]
    left = len(missing(shipped, again))
    lines = [
        BEGIN,
        f"{sum(p.within for p in listed)} of these {len(listed)} figures, and "
        f"{sum(p.within for p in found.values())} of all {len(found)} that were measured with an "
        f"interval, lie within the intervals of {version}."
        + (f" {left} of {version} were not measured again." if left else ""),
        table(("", f"shipped ({version})", "trained again", "within"), rows),
        END,
    ]
    return "\n\n".join(lines) + "\n"


def _of_the_nets(place: str) -> bool:
    if ".human_panel." in place:
        return ".net." in place
    kept = any(part in place for part in NOR_THESE)
    return not kept and place.rpartition(".")[2] not in NOT_OF_THE_NETS


def _intervals(figures: Figures, place: str = "") -> Iterator[tuple[str, Interval]]:
    for name, value in figures.items():
        here = f"{place}.{name}" if place else name
        if isinstance(value, Mapping):
            yield from _intervals(value, here)
        elif _is_interval(value):
            yield here, value


def _is_interval(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 3
        and all(isinstance(number, int | float) for number in value)
        and value[1] <= value[0] <= value[2]
    )


def main(arguments: list[str] | None = None) -> int:
    """Print the table, and write it into `docs/training.md` when asked; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m clinic_app.training.reproduced")
    parser.add_argument("--again", type=Path, required=True, help="folder of the new models")
    parser.add_argument("--shipped", type=Path, default=ROOT / "models")
    parser.add_argument("--docs", action="store_true", help="write it into docs/training.md too")
    options = parser.parse_args(arguments)
    both = [_figures(folder) for folder in (options.shipped, options.again)]
    if None in both:
        print("A folder has no cards/figures.json: nothing was measured there.", file=sys.stderr)
        return 1
    manifest = json.loads((options.shipped / "manifest.json").read_text("utf-8"))
    text = section(manifest["models"]["severity"]["version"], *both)
    print(text)
    if options.docs:
        accuracy_page.write(ROOT / "docs/training.md", text, (BEGIN, END))
    return 0


def _figures(folder: Path) -> Any:
    path = folder / "cards" / cards.FIGURES
    return json.loads(path.read_text("utf-8")) if path.exists() else None


if __name__ == "__main__":
    sys.exit(main())

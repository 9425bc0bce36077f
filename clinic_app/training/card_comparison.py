"""What the cards say of nets that were trained beside ours; reads `comparison.json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from clinic_app.training.card_tables import SEVERITY_ROWS, number, plain_name, table

Entry = Mapping[str, Any]
_COST = (
    ("parameters", "parameters"),
    ("mflop", "MFLOP"),
    ("minutes", "minutes"),
    ("epochs", "passes over the faces"),
)
_TIME = "ms_one_thread_onnx"


def nets(found: Entry) -> list[str]:
    """Sections of the severity card; none when nothing was compared."""
    if not found:
        return []
    rows = [*found["nets"]]
    if "shipped" in found:
        rows.append({"name": "the shipped net, all of its training", **found["shipped"]})
    if "majority_and_mean" in found:
        rows.append({"name": "training mean for every face", "figures": found["majority_and_mean"]})
    geometry = found.get("geometry") or {}
    if geometry:
        # Both forms are met: figures of their own, or bare ones.
        figures = geometry.get("figures", geometry)
        rows.append({"name": "geometry of the 68 points", "figures": figures})
    return [
        "## Beside other nets",
        "Trained by the same loop on the same data and augmentation with the same time (planned "
        f"for {found['budget_minutes']:g} minutes each on {_threads(found)}), and measured on the "
        "same test faces. `efficient` is the shape that ships, here in fp32; the shipped net has "
        "had all of its training and a teacher, and is read with the mirror image. Milliseconds "
        "are those of one reading on one thread, in turns.",
        comparison_table(rows),
    ]


def johnson(found: Entry) -> list[str]:
    """Section of the normaliser's card."""
    document = found.get("johnson") or {}
    rows = [
        {"name": label, **(entry if "figures" in entry else {"figures": entry})}
        for name, label in (
            ("raw", "raw"),
            ("johnson", "Johnson transform net"),
            ("ours", "this normaliser's shape"),
        )
        if isinstance(entry := document.get(name), Mapping)
    ]
    if not rows:
        return []
    return [
        "## Beside the Johnson transform net",
        f"Both planned for {document['budget_minutes']:g} minutes of training, taught and read "
        f"by {document['reader']}, so these figures compare the two shapes and are not those "
        "above.",
        comparison_table(rows),
    ]


def _threads(found: Entry) -> str:
    count = int(found.get("threads", 0))
    return {0: "all threads", 1: "one thread"}.get(count, f"{count} threads")


def comparison_table(rows: Sequence[Entry]) -> str:
    """One line a net: cost, then whatever figures any of them has."""
    costs = [(key, label) for key, label in (*_COST, (_TIME, "ms")) if any(key in r for r in rows)]
    asked = list(dict.fromkeys(key for row in rows[:1] for key in row["figures"]))
    names = dict(SEVERITY_ROWS)
    lines = [
        (
            str(row["name"]),
            *(_cost(row.get(key)) for key, _ in costs),
            *(number(row["figures"].get(key)) for key in asked),
        )
        for row in rows
    ]
    head = ("", *(label for _, label in costs), *(names.get(k, plain_name(k)) for k in asked))
    return table(head, lines)


def _cost(value: Any) -> str:
    if not isinstance(value, int | float):
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"

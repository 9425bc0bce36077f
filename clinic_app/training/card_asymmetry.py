"""The part of the landmark card that says whether side differences are true."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clinic_app.training.card_tables import interval, table

Entry = Mapping[str, Any]


def asymmetry_judged(m: Entry) -> list[str]:
    """Sections from the landmark measurement; the second opinion's only when there was one."""
    sections = [
        "## Is the asymmetry true",
        "Pictures of people not trained on, bent by a known amount on each side alone (an eye "
        "opened or narrowed, a brow or a lip corner moved): the change that is told against the "
        "true one. No label takes part. Slope: told over true, one for a true measure; below one "
        "the program tells too little. Error: standard deviation of told minus true, in % of the "
        "interocular distance, as is the deviation of the true values.",
        _table(m["asymmetry_known_bends"]),
    ]
    for part, figures in m["asymmetry_second_opinion"].items():
        sections += [
            f"Against {m['second_opinion']}, mean over picture and mirror image ({part}: "
            f"{figures['n']} pictures of {figures['people']} people or faces):",
            _table(figures),
        ]
    if m["asymmetry_second_opinion"]:
        sections.append(
            "The same model labelled the training faces, so these figures say how well the net "
            "learned its view of faces never seen, not that this view is true."
        )
    return sections


def repeats_in_use(entry: Entry, m: Entry) -> list[str]:
    """The repeat errors that the program uses, where they are others than those measured now."""
    used, now = entry["asymmetry_test_retest"], m["asymmetry_test_retest"]
    if all(f"{used[name]:.2f}" == f"{now[name]:.2f}" for name in now):
        return []
    told = ", ".join(
        f"{name.replace('_percent', '').replace('_', ' ')} {used[name]:.2f}" for name in now
    )
    return [
        "The program tells differences apart by the repeat errors measured at the release, which "
        f"file and manifest hold until the next one: {told}. The table has the newest."
    ]


def _table(figures: Entry) -> str:
    rows = [
        (
            name.replace("_percent", "").replace("_", " "),
            *(interval(found[key], 2) for key in ("correlation", "slope", "error", "deviation")),
        )
        for name, found in figures["measures"].items()
    ]
    return table(("", "correlation", "slope", "error", "deviation"), rows)

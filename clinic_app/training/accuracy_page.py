"""The "Accuracy" section of `docs/benchmarks.md`, written from what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clinic_app.training.card_tables import interval, table
from clinic_app.training.card_texts import Met

BEGIN, END = "<!-- accuracy: begin -->", "<!-- accuracy: end -->"
COMMAND = "make cards"
Entry = Mapping[str, Any]


def section(version: str, reading: str, figures: Mapping[str, Any], met: Met | None = None) -> str:
    """Main figures of a release beside five human raters, as Markdown between two marks."""
    met = met or Met()
    m, style = figures["severity"], figures["style"]
    people = m["human_panel"]["sizes"]["5"]["people"]
    light, seven = m["light_unseen_subjects"], m["fer2013_seven_classes"]
    pipe = m["through_the_pipeline"]
    rows = [
        _row("correlation of `sadness` with the raters' share", m, "pearson", people),
        _row("AUC, s >= 0.35", m, "auc"),
        _row("balanced accuracy, s >= 0.35", m, "balanced_accuracy", people),
        _row("F1, s >= 0.35", m, "f1"),
        _row("quadratic weighted kappa of the band", m, "band_kappa", people),
        _row("8-class FER+ majority", m, "emotion_accuracy", people),
        _row("recall of sadness", m, "sadness_recall"),
        (
            "7-class FER2013, head for measuring only",
            *(interval(seven[k]["accuracy"]) for k in ("raw", "normalised", "raw_once")),
            "-",
        ),
        _row("ECE of the bands", m, "ece"),
        _row("Brier score of the bands", m, "brier"),
        _lit("band flips, light up to 60 degrees", light, "flips_near"),
        _lit("spread of `sadness` over light", light, "spread"),
    ]
    shifts = m["group_shifts"]["raw"]
    largest = m["largest_group_shift"]["raw"]
    shift = shifts[largest]
    lines = [
        BEGIN,
        "## Accuracy",
        f"Written by `{COMMAND}` for version {version}; `make evaluate` measures the main rows "
        f"again without torch. {m['part']}, n = {m['n']}; light: {light['raw']['subjects']} Yale B "
        f"subjects {met.subjects}. 95 % intervals. Everything else that was "
        "measured is on the cards in `models/cards/`.",
        table(("", "raw", "normalised", "raw, without mirror image", "five human raters"), rows),
        f"- The reading that counts: {reading}.",
        "- Bands flip "
        f"{interval(light['times_fewer_flips'], 2)} times less often with the normaliser.",
        f"- Normaliser: landmarks move {interval(style['landmark_drift_percent'])} % of the outer "
        f"eye distance, emotions agree on {interval(style['emotion_agreement_clean'])} of clean "
        "faces.",
        f"- Largest shift between groups (UTKFace): {largest}, {shift['higher']} over "
        f"{shift['lower']} by {interval(shift['difference'])}.",
        f"- Whole pipeline: {interval(pipe['faces']['accepted'])} of {pipe['faces']['n']} faces "
        f"accepted by the gate{_through(pipe['faces'])}.",
        "![The net and panels of human raters](../models/cards/severity-people.png)",
        "![Flips by angle of the light](../models/cards/style-light-angle.png)",
        END,
    ]
    return "\n\n".join(lines).replace("\n\n- ", "\n- ").replace("|\n- ", "|\n\n- ") + "\n"


def write(page: Path, text: str, marks: tuple[str, str] = (BEGIN, END)) -> None:
    """Put the section into the page in place of the one that is there, or at its end."""
    whole = page.read_text(encoding="utf-8") if page.exists() else ""
    kept = kept_section(whole, marks)
    whole = whole.replace(kept, text) if kept else f"{whole.rstrip()}\n\n{text}".lstrip()
    page.write_text(whole, encoding="utf-8")


def kept_section(whole: str, marks: tuple[str, str] = (BEGIN, END)) -> str:
    """The section as it stands in a page, with its marks; empty when there is none."""
    begin, end = marks
    first, last = whole.find(begin), whole.find(end)
    return whole[first : last + len(end) + 1] if 0 <= first < last else ""


def _row(label: str, m: Entry, key: str, people: Entry | None = None) -> tuple[str, ...]:
    said = (interval(m[name][key]) for name in ("raw", "normalised", "raw_once"))
    return (label, *said, interval(people[key]) if people else "-")


def _lit(label: str, light: Entry, key: str) -> tuple[str, ...]:
    said = (interval(light[name][key]) for name in ("raw", "ours", "raw_once"))
    return (label, *said, "-")


def _through(faces: Entry) -> str:
    if "raw" not in faces:
        return ""
    return (
        f"; correlation of those {interval(faces['raw']['pearson'])} raw, "
        f"{interval(faces['normalised']['pearson'])} normalised"
    )

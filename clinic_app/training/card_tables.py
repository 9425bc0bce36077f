"""Numbers and tables of a model card as Markdown. Figures are those of the measurement in plain
form: an interval is [value, low, high]."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Entry = Mapping[str, Any]

READINGS = (
    ("raw", "raw face"),
    ("normalised", "normalised face"),
    ("raw_once", "raw, without mirror image"),
    ("normalised_once", "normalised, without mirror image"),
)
SEVERITY_ROWS = (
    ("pearson", "correlation of `sadness` with s"),
    ("spearman", "rank correlation"),
    ("auc", "AUC, s >= 0.35"),
    ("balanced_accuracy", "balanced accuracy, s >= 0.35"),
    ("precision", "precision, s >= 0.35"),
    ("recall", "recall, s >= 0.35"),
    ("f1", "F1, s >= 0.35"),
    ("band_kappa", "quadratic weighted kappa of `band`"),
    ("band_accuracy", "four-band exact accuracy"),
    ("emotion_accuracy", "8-class FER+ majority accuracy"),
    ("sadness_recall", "recall of the sadness class"),
    ("sadness_f1", "F1 of the sadness class"),
    ("ece", "ECE of the bands"),
    ("brier", "Brier score of the bands"),
)
PANEL_ROWS = (
    ("pearson", "correlation of the shares"),
    ("balanced_accuracy", "balanced accuracy, s >= 0.35"),
    ("band_kappa", "quadratic weighted kappa of the band"),
    ("band_accuracy", "four-band exact accuracy"),
    ("emotion_accuracy", "8-class majority accuracy"),
)
LIGHT_PARTS = (
    ("light_unseen_subjects", "Unseen subjects, aligned crops"),
    ("light_unseen_subjects_unaligned", "Unseen subjects, crops squeezed without alignment"),
    ("light_all_subjects", "All open subjects (most of them trained on), aligned crops"),
)
CORRECTIONS = (
    ("raw", "raw"),
    ("raw_once", "raw, without mirror image"),
    ("grey_world", "grey-world"),
    ("clahe", "CLAHE"),
    ("johnson", "Johnson transform net"),
    ("ours", "this normaliser"),
    ("ours_once", "this normaliser, without mirror image"),
)


def interval(found: Sequence[float], digits: int = 3) -> str:
    """`value [low, high]`."""
    value, low, high = found
    return f"{value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def picture(folder: str, captions: Mapping[str, str], name: str) -> list[str]:
    """The Markdown of a picture that was drawn, else nothing."""
    return [f"![{captions[name]}]({folder}{name})"] if name in captions else []


def reading_table(
    figures: Entry, baseline: Entry | None = None, more: Sequence[tuple[str, str]] = ()
) -> str:
    """Scores of every reading that was measured, beside the trivial answer where it is given;
    of `more` rows those that were measured."""
    shown = [(key, label) for key, label in READINGS if key in figures]
    rows = [
        (
            label,
            *(interval(figures[reading][key]) for reading, _ in shown),
            *([interval(baseline[key]) if key in baseline else "-"] if baseline else []),
        )
        for key, label in (*SEVERITY_ROWS, *more)
        if all(key in figures[reading] for reading, _ in shown)
    ]
    trivial = ["training mean for every face"] if baseline else []
    return table(("", *(label for _, label in shown), *trivial), rows)


def panel_table(panel: Entry) -> str:
    """Panels of human raters, and the net against the same remaining raters."""
    head, columns = [""], []
    for k, pair in panel["sizes"].items():
        people = "one rater" if k == "1" else f"{k} raters"
        head += [people, "net, same reference"]
        columns += [pair["people"], pair["net"]]
    rows = [(label, *(interval(column[key]) for column in columns)) for key, label in PANEL_ROWS]
    return table(head, rows)


def light_tables(figures: Entry) -> list[str]:
    """Spread and flips of every correction on every set of subjects."""
    parts = []
    for key, title in LIGHT_PARTS:
        if key not in figures:
            continue
        part = figures[key]
        first = part["raw"]
        parts.append(
            f"{title} ({first['subjects']} subjects, {first['images']} images, "
            f"{first['images_near']} of them, beside the frontal ones, within 60 degrees):"
        )
        parts += steadiness(part, "")
    return parts


def steadiness(part: Entry, whose: str) -> list[str]:
    """Spread and flips of every correction that was measured, and how many fewer flip."""
    rows = [
        (label, *(interval(part[name][key]) for key in ("spread", "flips", "flips_near")))
        for name, label in CORRECTIONS
        if name in part
    ]
    return [
        table((whose, "spread", "flips, all lights", "flips, up to 60 degrees"), rows),
        "Flips within 60 degrees, raw over normalised: "
        f"{interval(part['times_fewer_flips'], 2)} times (one added to both counts).",
    ]


def subject_table(part: Entry) -> str:
    """Spread and flips of each subject, raw and normalised."""
    rows = []
    for raw, ours in zip(part["raw"]["by_subject"], part["ours"]["by_subject"], strict=True):
        rows.append((f"{raw[0]:.0f}", *(f"{v:.3f}" for v in (raw[1], ours[1], raw[2], ours[2]))))
    head = ("subject", "spread raw", "spread normalised", "flips raw", "flips normalised")
    return table(head, rows)


def plain_name(key: str) -> str:
    """A key in words."""
    return key.replace("_", " ")


def number(value: Any) -> str:
    """An interval, a number or a word as the cards print it."""
    if isinstance(value, list | tuple) and len(value) == 3:
        return interval(value)
    if isinstance(value, float):
        return f"{value:.3f}"
    return "-" if value is None else str(value)

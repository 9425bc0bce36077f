"""The card of a local head, as Markdown: what its labels really were, and how it was judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from clinic_app.domain.finding import Band
from clinic_app.domain.local_head import (
    CASES_PER_PARAMETER,
    Between,
    Comparison,
    HeadEvent,
    HeadEventKind,
    LocalHead,
    fold_heads,
)
from clinic_app.domain.schedule import to_local
from clinic_app.services.learning_data import HeadRow
from clinic_app.services.training_export import LABELS

_DECIDED = {
    HeadEventKind.COMPARED: "compared",
    HeadEventKind.PROMOTED: "promoted",
    HeadEventKind.ROLLED_BACK: "rolled back to",
}


def decided_about(head_id: UUID, events: Sequence[HeadEvent]) -> list[HeadEvent]:
    """Of all events those of this head, and the steps back that led away from it: why is signed in
    them, and to no local head they lead to no other card."""
    return [
        one
        for number, one in enumerate(events)
        if one.head_id == head_id
        or (one.kind is HeadEventKind.ROLLED_BACK and fold_heads(events[:number]).in_use == head_id)
    ]


def head_card(
    row: HeadRow, events: Sequence[HeadEvent], names: Mapping[UUID, str], zone: str
) -> str:
    """``events`` are those of `decided_about`, ``names`` those of staff; days are those of the
    clocks of ``zone``."""
    head, comparison = row.head, row.comparison
    readers = "not defined" if head.reader_kappa is None else f"{head.reader_kappa:.2f}"
    lines = [
        f"# Local head {head.version}",
        "",
        "An additional reading of visible depressive affect beside the shipped estimate. It is no"
        " diagnosis and no questionnaire, changes no stored result, removes no abstention and moves"
        " no flag.",
        "",
        "## What its labels were",
        "",
        LABELS,
        "",
        f"Agreement of the first two readers when it was fitted: weighted kappa {readers}.",
        "",
        "## What it was fitted on",
        "",
        *_members(head),
        f"- embeddings of {head.base or 'unknown models'}; it reads no others",
        f"- fitted on {_day(head.fitted_at, zone)} by {names.get(head.fitted_by, 'unknown')}",
    ]
    if row.withdrawn:
        again = "learn with the others again" if head.sites else "fit again"
        lines.append(f"- **withdrawn since: {row.withdrawn} of these cases; please {again}**")
    lines += [
        "",
        "## How",
        "",
        *_fitted(head),
        "",
        "## How it was judged",
        "",
        *(_judged(comparison) if comparison else ["Not compared with the shipped head yet."]),
        *_gone_since(row.judged_withdrawn),
        "",
        "## What is not known",
        "",
        "- How it does on people unlike those of this clinic, and by skin tone, sex or age: a"
        " clinic's numbers are too small to tell, and it keeps no such groups.",
        "- Whether it still holds after a new camera, room or lighting: see the drift page.",
        "",
        "## Decisions",
        "",
        *([_decision(one, head, names, zone) for one in events] or ["None yet."]),
    ]
    return "\n".join(lines) + "\n"


def _members(head: LocalHead) -> list[str]:
    bands = ", ".join(
        f"{band.name.lower()} {count}"
        for band, count in zip(Band, head.people_by_band, strict=True)
    )
    if not head.sites:
        return [
            f"- {len(head.cases)} screenings of {head.people} people of this clinic who agreed to"
            f" training; people with a case of each band: {bands}"
        ]
    return [
        f"- together by {', '.join(head.sites)}, by masked sums: {head.all_cases} screenings;"
        f" people with a case of each band: {bands}",
        f"- of these {len(head.cases)} screenings of {head.people} people of this clinic, who"
        " agreed to training and to sums that are shared with other clinics",
    ]


def _fitted(head: LocalHead) -> list[str]:
    weights = (
        f"- penalty {head.penalty:.3g}, {head.effective_weights:.1f} effective weights,"
        f" {head.effective_cases:.0f} effective cases (at least {CASES_PER_PARAMETER:.0f} for each"
        " weight)"
    )
    if head.out_of_fold_kappa is None or head.out_of_fold_loss is None:
        return [
            "Proportional odds with a ridge on 32 numbers drawn from each embedding, the penalty"
            " the smallest that keeps the rule below.",
            "",
            weights,
            "- nothing was left out of the fit, so that there are no figures of left-out folds:"
            " what judges it is the comparison below",
        ]
    return [
        "Proportional odds with a ridge, the penalty chosen by cross-validation over people, slope"
        " and thresholds set on the left-out folds.",
        "",
        weights,
        f"- left-out folds: weighted kappa {head.out_of_fold_kappa:.2f}, log loss"
        f" {head.out_of_fold_loss:.3f} a case (a little optimistic: they chose the penalty)",
    ]


def _gone_since(withdrawn: int) -> list[str]:
    if not withdrawn:
        return []
    return ["", f"**Withdrawn since: {withdrawn} of these cases; please compare again.**"]


def _judged(found: Comparison) -> list[str]:
    percent = f"{100 * found.coverage:.1f} %"
    met = found.champion
    table = [
        ["", "this head", "shipped head", "better by"],
        ["---"] * 4,
        [
            "weighted kappa with the doctors",
            _text(found.kappa_local),
            _text(found.kappa_shipped),
            _text(found.kappa_gain),
        ],
        [
            "ranked probability score (0 best)",
            f"{found.score_loss_local:.3f}",
            f"{found.score_loss_shipped:.3f}",
            _text(found.score_loss_gain, 3),
        ],
        [
            "calibration error",
            f"{found.calibration_error_local:.3f}",
            f"{found.calibration_error_shipped:.3f}",
            "",
        ],
    ]
    if met is not None:
        beside = (
            (f"{met.version}, in use then", "better by"),
            ("---", "---"),
            (_text(met.kappa), _text(met.kappa_gain)),
            (f"{met.score_loss:.3f}", _text(met.score_loss_gain, 3)),
            (f"{met.calibration_error:.3f}", ""),
        )
        table = [[*one, *more] for one, more in zip(table, beside, strict=True)]
    return [
        f"On {found.cases} screenings of {found.people} people who are locked away from every fit;"
        f" look number {found.look}, intervals cover {percent}, people resampled.",
        "",
        *("| " + " | ".join(cells) + " |" for cells in table),
    ]


def _text(one: Between, digits: int = 2) -> str:
    return f"{one.value:.{digits}f} ({one.low:.{digits}f} to {one.high:.{digits}f})"


def _decision(event: HeadEvent, head: LocalHead, names: Mapping[UUID, str], zone: str) -> str:
    who = names.get(event.by, "unknown")
    reason = f": {event.text}" if event.text else ""
    what = _DECIDED[event.kind] if event.head_id == head.id else "taken out of use"
    return f"- {_day(event.at, zone)} {what} by {who}{reason}"


def _day(moment: datetime, zone: str) -> str:
    return f"{to_local(moment, zone):%Y-%m-%d}"

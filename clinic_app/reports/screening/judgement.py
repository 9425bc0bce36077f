"""The clinician's own judgement, and whether it came before the estimate."""

from __future__ import annotations

from datetime import datetime

from clinic_app.domain.screening import Judgement
from clinic_app.reports.language import tr
from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Kept, Space, Stack
from clinic_app.reports.layout.texts import mixed, prose, words
from clinic_app.reports.screening import wording
from clinic_app.reports.screening.numbers import Clock
from clinic_app.services.report_data import ScreeningReport


def judgement(report: ScreeningReport, clock: Clock) -> Block:
    """Severity, when it was recorded, flag and note."""
    own = report.screening.judgement
    if own is None:
        return words(tr(wording.JUDGEMENT_MISSING), style.BODY_MUTED)
    when = _when(own, report, clock)
    blocks: list[Block] = [
        mixed(
            (f"{tr('Severity')}: ", style.BODY), (tr(wording.JUDGEMENT[own.severity]), style.CARD)
        ),
        words(when, style.SMALL_MUTED),
    ]
    if own.flagged:
        blocks += [Space(2), words(tr(wording.FLAGGED), style.STRONG)]
    if own.note.strip():
        blocks += [Space(4), prose(own.note)]
    return Kept(Stack(blocks))


def _when(own: Judgement, report: ScreeningReport, clock: Clock) -> str:
    shown = report.screening.estimate_shown_at
    finding = report.screening.finding
    at = clock.minute(own.at)
    if shown is None:
        text = wording.JUDGEMENT_ALONE if finding is None else wording.JUDGEMENT_UNSHOWN
        return tr(text).format(at=at)
    text = wording.JUDGEMENT_BEFORE if own.at <= shown else wording.JUDGEMENT_AFTER
    return tr(text).format(at=at, shown=_short(shown, own.at, clock))


def _short(moment: datetime, other: datetime, clock: Clock) -> str:
    """Only the time when both are on one day."""
    same = clock.day(moment) == clock.day(other)
    return clock.time(moment) if same else clock.minute(moment)

"""What doctors concluded about the screening: their own severity, and whether they overruled."""

from __future__ import annotations

from clinic_app.reports.language import tr
from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Space, Stack, Titled
from clinic_app.reports.layout.texts import fields, prose
from clinic_app.reports.screening import wording
from clinic_app.reports.screening.numbers import Clock
from clinic_app.services.report_data import ReviewLine, ScreeningReport


def reviews(report: ScreeningReport, clock: Clock) -> Block | None:
    """Oldest first; ``None`` when there are none."""
    if not report.reviews:
        return None
    blocks: list[Block] = []
    for one in report.reviews:
        blocks += [_review(one, clock), Space(6)]
    return Stack(blocks[:-1])


def _review(one: ReviewLine, clock: Clock) -> Block:
    own, verdict = tr(wording.JUDGEMENT[one.own]), tr(wording.VERDICT[one.verdict])
    said = fields(style.STRONG, f"{tr('Severity')}: {own}, {verdict}")
    by = fields(style.SMALL_MUTED, one.by, f", {clock.minute(one.at)}")
    if not one.text.strip():
        return Stack([said, by])
    return Titled(Stack([said, by, Space(2)]), prose(one.text))

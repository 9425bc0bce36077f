"""Item 9, stated neutrally, with what was documented. An answer of 0 gets no section, no word."""

from __future__ import annotations

from uuid import UUID

from clinic_app.domain.questionnaires import ANSWERS, ITEM_NINE, InstrumentName
from clinic_app.domain.safety import (
    SafetyAssessment,
    SafetyEvent,
    SafetyEventKind,
    SafetyFlow,
    SafetyState,
    SafetyTrigger,
)
from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Kept, Panel, Space, Stack
from clinic_app.reports.layout.texts import fields, mixed, prose, row, words
from clinic_app.reports.screening import wording
from clinic_app.reports.screening.heading import section
from clinic_app.reports.screening.numbers import Clock
from clinic_app.services.report_data import ScreeningReport


def safety(report: ScreeningReport, clock: Clock) -> Block | None:
    """The section, or ``None`` where there is nothing to document."""
    flow = report.safety
    if flow is None:
        statement = _unattended(report)
        if statement is None:
            return None
        body: Block = Stack(
            [words(statement, style.STRONG), words(wording.SAFETY_NO_FLOW, style.BODY)]
        )
        return section(wording.SAFETY_TITLE, Panel(body, style.PALE, style.ALERT))
    closed = flow.state is SafetyState.CLOSED
    title = wording.SAFETY_TITLE
    if flow.trigger is SafetyTrigger.CLINICIAN:
        title = wording.SAFETY_TITLE_CLINICIAN
    bar = style.ACCENT if closed else style.ALERT
    return section(title, Kept(Panel(Stack(_rows(flow, report, clock)), style.PALE, bar)))


def strip(report: ScreeningReport) -> Block | None:
    """One line near the top that a safety section follows, or ``None``."""
    flow = report.safety
    statement = _unattended(report)
    if flow is not None:
        statement = _statement(flow.trigger, flow.highest_item_nine)
    if statement is None:
        return None
    state = wording.SAFETY_NO_FLOW if flow is None else wording.SAFETY_SHORT[flow.state]
    closed = flow is not None and flow.state is SafetyState.CLOSED
    text = mixed((f"{statement}  ", style.STRONG), (state, style.BODY))
    bar = style.ACCENT if closed else style.ALERT
    return Stack([Space(8), Panel(text, style.PALE, bar, 7)])


def _unattended(report: ScreeningReport) -> str | None:
    response = report.screening.response(InstrumentName.PHQ9)
    if response is None or response.answers[ITEM_NINE] == 0:
        return None
    return _statement(SafetyTrigger.ITEM_NINE_POSITIVE, response.answers[ITEM_NINE])


def _statement(trigger: SafetyTrigger, value: int | None) -> str:
    if trigger is SafetyTrigger.CLINICIAN:
        return wording.SAFETY_TRIGGER[trigger]
    if value is None:
        return wording.SAFETY_TRIGGER[SafetyTrigger.ITEM_NINE_NOT_ANSWERED]
    positive = wording.SAFETY_TRIGGER[SafetyTrigger.ITEM_NINE_POSITIVE]
    return positive.format(answer=ANSWERS[value], value=value)


def _rows(flow: SafetyFlow, report: ScreeningReport, clock: Clock) -> list[Block]:
    changed = any(event.kind is SafetyEventKind.ANSWER_CHANGED for event in flow.events)
    state = wording.SAFETY_STATE[flow.state]
    blocks: list[Block] = [words(_statement(flow.trigger, flow.highest_item_nine), style.STRONG)]
    if changed:
        blocks.append(words(wording.SAFETY_CHANGED, style.SMALL))
    blocks += [Space(5), row("State", words(state, style.STRONG))]
    blocks += [row("Opened", words(clock.minute(flow.opened_at)))]
    for event in flow.events:
        by = (f"{clock.minute(event.at)}, by ", _who(event.by, report))
        if event.kind is SafetyEventKind.ASSESSED and event.assessment is not None:
            blocks += [
                row("Assessed", fields(style.BODY, *by)),
                *_assessment(event.assessment, clock),
            ]
        elif event.kind is SafetyEventKind.HANDED_OVER:
            blocks.append(row("Handed over", _handover(event, by)))
        elif event.kind is SafetyEventKind.ACKNOWLEDGED:
            blocks.append(row("Acknowledged", fields(style.BODY, *by)))
    return blocks


def _assessment(assessment: SafetyAssessment, clock: Clock) -> list[Block]:
    return [
        row("Assessment", prose(assessment.clinical_assessment)),
        row("Access to means", prose(assessment.means_access)),
        row("Who was told", prose(assessment.who_was_told)),
        row("Plan", prose(assessment.plan)),
        row("Next contact", words(clock.full(assessment.next_contact_at), style.STRONG)),
    ]


def _handover(event: SafetyEvent, by: tuple[str, str]) -> Block:
    to = ("to ", event.handed_to, ", ") if event.handed_to else ()
    return fields(style.BODY, *to, *by)


def _who(user: UUID, report: ScreeningReport) -> str:
    """The name where the report knows it; otherwise the user's ID, which the audit trail names."""
    if user == report.screening.taken_by:
        return report.taken_by
    return report.staff.get(user, f"user {user}")

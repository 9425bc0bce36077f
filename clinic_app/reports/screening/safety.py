"""Item 9, stated neutrally, with what was documented. An answer of 0 gets no section, no word."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from clinic_app.domain.questionnaires import ANSWERS, ITEM_NINE, InstrumentName
from clinic_app.domain.safety import (
    SafetyAssessment,
    SafetyEvent,
    SafetyEventKind,
    SafetyFlow,
    SafetyState,
    SafetyTrigger,
    foremost,
)
from clinic_app.reports.language import asked, tr
from clinic_app.reports.layout import style
from clinic_app.reports.layout.blocks import Block, Kept, Panel, Space, Stack
from clinic_app.reports.layout.texts import fields, mixed, prose, row, split, words
from clinic_app.reports.screening import wording
from clinic_app.reports.screening.heading import section
from clinic_app.reports.screening.numbers import Clock
from clinic_app.services.report_data import ScreeningReport


def safety(report: ScreeningReport, clock: Clock) -> Block | None:
    """The section with every flow, oldest first, or ``None`` where there is nothing to document."""
    blocks = [_flow(flow, report, clock) for flow in report.safety]
    bare = _without_flow(report)
    if bare is not None:
        body = Stack([words(bare, style.STRONG), words(tr(wording.SAFETY_NO_FLOW), style.BODY)])
        blocks.append(Panel(body, style.PALE, style.ALERT))
    if not blocks:
        return None
    about_item_nine = bare is not None or any(
        statement != _by_clinician() for flow in report.safety for statement in _said(flow, report)
    )
    title = wording.SAFETY_TITLE if about_item_nine else wording.SAFETY_TITLE_CLINICIAN
    spaced = [part for block in blocks for part in (Space(6), block)][1:]
    return section(tr(title), Stack(spaced))


def strip(report: ScreeningReport) -> Block | None:
    """One line near the top that a safety section follows, or ``None``."""
    flow, bare = foremost(report.safety), _without_flow(report)
    statements = _said_in_all(report)
    if not statements:
        return None
    waits = flow is not None and flow.blocks_finishing
    if flow is None or (bare is not None and not waits):
        state, bar = tr(wording.SAFETY_NO_FLOW), style.ALERT
    else:
        said = wording.SAFETY_AGAIN if flow.opened_again else wording.SAFETY_SHORT[flow.state]
        state, bar = tr(said), style.ALERT if waits else style.ACCENT
    text = mixed((f"{' '.join(statements)}  ", style.STRONG), (state, style.BODY))
    return Stack([Space(8), Panel(text, style.PALE, bar, 7)])


def _by_clinician() -> str:
    return tr(wording.SAFETY_TRIGGER[SafetyTrigger.CLINICIAN])


def _unanswered() -> str:
    return tr(wording.SAFETY_TRIGGER[SafetyTrigger.ITEM_NINE_NOT_ANSWERED])


def _without_flow(report: ScreeningReport) -> str | None:
    """The statement about an item 9 that no flow knows of, or ``None``."""
    response = report.screening.response(InstrumentName.PHQ9)
    if response is None:
        return None
    value = response.answers[ITEM_NINE]
    if value is None:
        return None if report.safety else _unanswered()
    known = max((flow.highest_item_nine or 0 for flow in report.safety), default=0)
    return _answered(value) if value > known else None


def _said(flow: SafetyFlow, report: ScreeningReport) -> list[str]:
    """All that started or joined a flow: nothing the clinician did hides what item 9 said."""
    said = [_by_clinician()] if flow.trigger is SafetyTrigger.CLINICIAN else []
    value = flow.highest_item_nine
    if value or (value is not None and not said):
        said.append(_answered(value))
    response = report.screening.response(InstrumentName.PHQ9)
    left = response is not None and response.answers[ITEM_NINE] is None
    if (left and flow is report.safety[-1]) or not said:
        said.append(_unanswered())
    return said


def _said_in_all(report: ScreeningReport) -> list[str]:
    """What all flows say and what none knows of, once each; of several answers the highest."""
    bare = _without_flow(report)
    said = [one for flow in report.safety for one in _said(flow, report)]
    once = dict.fromkeys([*said, *([bare] if bare is not None else [])])
    answers = [_answered(value) for value in range(len(ANSWERS)) if _answered(value) in once]
    return [one for one in once if one not in answers[:-1]]


def _answered(value: int) -> str:
    positive = tr(wording.SAFETY_TRIGGER[SafetyTrigger.ITEM_NINE_POSITIVE])
    return positive.format(answer=asked(InstrumentName.PHQ9).answers[value], value=value)


def _flow(flow: SafetyFlow, report: ScreeningReport, clock: Clock) -> Block:
    bar = style.ACCENT if flow.state is SafetyState.CLOSED else style.ALERT
    return Kept(Panel(Stack(_rows(flow, report, clock)), style.PALE, bar))


def _was_changed(flow: SafetyFlow) -> bool:
    """Whether the answer to item 9 was another one before; a first answer changes nothing."""
    given = {
        event.item_nine
        for event in flow.events
        if event.kind is SafetyEventKind.ANSWER_CHANGED
        or (event.kind is SafetyEventKind.OPENED and event.trigger is not SafetyTrigger.CLINICIAN)
    }
    return len(given) > 1


def _rows(flow: SafetyFlow, report: ScreeningReport, clock: Clock) -> list[Block]:
    blocks: list[Block] = [words(said, style.STRONG) for said in _said(flow, report)]
    if _was_changed(flow):
        blocks.append(words(tr(wording.SAFETY_CHANGED), style.SMALL))
    blocks += [
        Space(5),
        row(tr("State"), words(_state(flow), style.STRONG)),
    ]
    blocks += [row(tr("Opened"), words(clock.minute(flow.opened_at)))]
    for event in flow.events:
        by = split(tr("{at}, by {name}"), at=clock.minute(event.at), name=_who(event.by, report))
        if event.kind is SafetyEventKind.ASSESSED and event.assessment is not None:
            blocks += [
                row(tr("Assessed"), fields(style.BODY, *by)),
                *_assessment(event.assessment, clock),
            ]
        elif event.kind is SafetyEventKind.HANDED_OVER:
            blocks.append(row(tr("Handed over"), _handover(event, by)))
        elif event.kind in _TOLD_BRIEFLY:
            blocks.append(row(tr(_TOLD_BRIEFLY[event.kind]), fields(style.BODY, *by)))
    return blocks


def _state(flow: SafetyFlow) -> str:
    return tr(wording.SAFETY_AGAIN if flow.opened_again else wording.SAFETY_STATE[flow.state])


_TOLD_BRIEFLY = {
    SafetyEventKind.ACKNOWLEDGED: "Acknowledged",
    SafetyEventKind.CONCERN_RAISED: "Concern raised",
}


def _assessment(assessment: SafetyAssessment, clock: Clock) -> list[Block]:
    return [
        row(tr("Assessment"), prose(assessment.clinical_assessment)),
        row(tr("Access to means"), prose(assessment.means_access)),
        row(tr("Who was told"), prose(assessment.who_was_told)),
        row(tr("Plan"), prose(assessment.plan)),
        row(tr("Next contact"), words(clock.full(assessment.next_contact_at), style.STRONG)),
    ]


def _handover(event: SafetyEvent, by: Sequence[str]) -> Block:
    to = [*split(tr("to {name}"), name=event.handed_to), ", "] if event.handed_to else []
    return fields(style.BODY, *to, *by)


def _who(user: UUID, report: ScreeningReport) -> str:
    """The name where the report knows it; otherwise the user's ID, which the audit trail names."""
    if user == report.screening.taken_by:
        return report.taken_by
    return report.staff.get(user, tr("user {id}").format(id=user))

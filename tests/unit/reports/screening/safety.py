"""Reports of one PHQ-9, and the safety flows beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from clinic_app.domain.questionnaires import InstrumentName
from clinic_app.domain.safety import SafetyEventKind, SafetyFlow, SafetyTrigger, fold_flow
from clinic_app.services.report_data import ScreeningReport
from tests.unit.reports import builders as made


def phq9(*answers: int | None) -> ScreeningReport:
    return made.report(
        screening=made.screening(responses=(made.response(InstrumentName.PHQ9, answers),))
    )


def by_clinician(item_nine: int | None, *kinds: SafetyEventKind) -> SafetyFlow:
    """A flow that the clinician opened before item 9 was answered."""
    opened, *later = made.events(SafetyEventKind.OPENED, *kinds, item_nine=None)
    opened = replace(opened, trigger=SafetyTrigger.CLINICIAN)
    answer = replace(
        opened,
        id=UUID(int=99),
        kind=SafetyEventKind.ANSWER_CHANGED,
        trigger=None,
        item_nine=item_nine,
    )
    return fold_flow([opened, *([answer] if item_nine is not None else []), *later])


def an_hour_later(flow: SafetyFlow) -> SafetyFlow:
    """The same again an hour later, as another flow."""
    return fold_flow(
        replace(
            event,
            id=UUID(int=event.id.int + 500),
            flow_id=UUID(int=77),
            at=event.at + timedelta(hours=1),
        )
        for event in flow.events
    )

"""The safety flow that item 9 of the PHQ-9 opens: append-only events and the state they fold to.

It opens when an answer of 1 or more *enters the draft* (or the finished questionnaire leaves item 9
unanswered), and nothing but a clinician's documented step closes it: not a changed answer, not an
abandoned form, not a crash. A step closes what came before it: a concern or an answer that another
laptop kept later, without having seen the step, opens the flow again. There are no risk labels
here, only actions (NICE NG225).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.notes import clean_note
from clinic_app.domain.people import has_ink
from clinic_app.domain.record_codec import is_kept
from clinic_app.domain.sentence import Sentence


class SafetyTrigger(StrEnum):
    ITEM_NINE_POSITIVE = "item_nine_positive"
    ITEM_NINE_NOT_ANSWERED = "item_nine_not_answered"
    CLINICIAN = "clinician"


class SafetyEventKind(StrEnum):
    OPENED = "opened"
    ANSWER_CHANGED = "answer_changed"
    CONCERN_RAISED = "concern_raised"
    ASSESSED = "assessed"
    HANDED_OVER = "handed_over"
    ACKNOWLEDGED = "acknowledged"


class SafetyState(StrEnum):
    OPEN = "open"
    HANDED_OVER = "handed_over"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class SafetyAssessment:
    """What the clinician documents before the flow closes; every field is required."""

    clinical_assessment: str
    means_access: str
    who_was_told: str
    plan: str
    next_contact_at: datetime

    def cleaned(self, at: datetime) -> SafetyAssessment:
        """The same with its texts cleaned, as it is documented ``at`` this moment.

        Raises ``InvalidInput`` for the first empty field, and unless the next contact is later, on
        a day that a record may name.
        """
        labels = {
            "clinical_assessment": "what you found when you asked",
            "means_access": "whether the person has access to means",
            "who_was_told": "who was told",
            "plan": "the plan",
        }
        texts: dict[str, Any] = {}
        for name, label in labels.items():
            try:
                texts[name] = clean_note(getattr(self, name))
            except InvalidInput as error:
                if has_ink(getattr(self, name)):
                    raise InvalidInput(name, error.sentence) from error
                raise InvalidInput(
                    name, "Please write down {label}.", label=Sentence(label)
                ) from error
        if self.next_contact_at <= at:
            raise InvalidInput("next_contact_at", "The next contact must lie in the future.")
        if not is_kept(self.next_contact_at):
            raise InvalidInput("next_contact_at", "This day is too far away.")
        return replace(self, **texts)


@dataclass(frozen=True, slots=True)
class SafetyEvent:
    """One step; never edited. ``flow_id`` ties the steps of one flow together."""

    id: UUID
    flow_id: UUID
    patient_id: UUID
    screening_id: UUID
    kind: SafetyEventKind
    at: datetime
    by: UUID
    trigger: SafetyTrigger | None = None
    item_nine: int | None = None
    assessment: SafetyAssessment | None = None
    handed_to: str = ""
    handed_to_user: UUID | None = None


@dataclass(frozen=True, slots=True)
class SafetyFlow:
    """A flow as its events leave it."""

    id: UUID
    patient_id: UUID
    screening_id: UUID
    state: SafetyState
    trigger: SafetyTrigger
    opened_at: datetime
    highest_item_nine: int | None
    handed_to: str
    handed_to_user: UUID | None
    events: tuple[SafetyEvent, ...]

    @property
    def blocks_finishing(self) -> bool:
        """An encounter cannot be finished before an assessment or an acknowledged handover."""
        return self.state is not SafetyState.CLOSED

    @property
    def opened_again(self) -> bool:
        """Whether a concern or an answer came after a documented step that did not know of it."""
        return self.blocks_finishing and any(event.kind in _CLOSING for event in self.events)


_CLOSING = frozenset({SafetyEventKind.ASSESSED, SafetyEventKind.ACKNOWLEDGED})


def after_known(flow: SafetyFlow, now: datetime) -> datetime:
    """``now``, or just after the newest step that is known here: what was done in sight of it comes
    after it, though a clock was wrong."""
    newest = max(event.at for event in flow.events)
    if now > newest:
        return now
    after = newest + timedelta(microseconds=1)
    return after if is_kept(after) else newest  # identifiers tell which came later then


def in_order(events: Iterable[SafetyEvent]) -> tuple[SafetyEvent, ...]:
    return tuple(sorted(events, key=lambda event: (event.at, event.id)))


def is_closed(events: Iterable[SafetyEvent]) -> bool:
    """Whether a documented step stands that no new concern followed; the events of one flow."""
    closed = False
    for event in in_order(events):
        if event.kind in _CLOSING:
            closed = True
        elif _calls_again(event):
            closed = False
    return closed


def _calls_again(event: SafetyEvent) -> bool:
    """A concern, an answer above 0, or one that was left out; an answer taken back is none."""
    if event.kind is SafetyEventKind.ANSWER_CHANGED:
        return bool(event.item_nine) or event.trigger is SafetyTrigger.ITEM_NINE_NOT_ANSWERED
    return event.kind is SafetyEventKind.CONCERN_RAISED


def fold_flow(events: Iterable[SafetyEvent]) -> SafetyFlow:
    """The flow that these events of one ``flow_id`` make; the first must be ``OPENED``."""
    ordered = in_order(events)
    opened = next(event for event in ordered if event.kind is SafetyEventKind.OPENED)
    if is_closed(ordered):
        state = SafetyState.CLOSED
    elif _handed_over(ordered):
        state = SafetyState.HANDED_OVER
    else:
        state = SafetyState.OPEN
    answers = [event.item_nine for event in ordered if event.item_nine is not None]
    # Who took an earlier concern over was asked for that one: nobody waits for them any more.
    asked = ordered if state is not SafetyState.OPEN else ()
    handover = [event for event in asked if event.kind is SafetyEventKind.HANDED_OVER]
    return SafetyFlow(
        id=opened.flow_id,
        patient_id=opened.patient_id,
        screening_id=opened.screening_id,
        state=state,
        trigger=opened.trigger or SafetyTrigger.CLINICIAN,
        opened_at=opened.at,
        highest_item_nine=max(answers, default=None),
        handed_to=handover[-1].handed_to if handover else "",
        handed_to_user=handover[-1].handed_to_user if handover else None,
        events=ordered,
    )


def _handed_over(ordered: Iterable[SafetyEvent]) -> bool:
    """Whether somebody was asked to take over since a documented step, if there was one."""
    asked = False
    for event in ordered:
        if event.kind is SafetyEventKind.HANDED_OVER:
            asked = True
        elif event.kind in _CLOSING:
            asked = False
    return asked


def foremost(flows: Iterable[SafetyFlow]) -> SafetyFlow | None:
    """The flow to be told of first: an unfinished one before a closed one, then the newest."""
    return max(
        flows, key=lambda flow: (flow.blocks_finishing, flow.opened_at, flow.id), default=None
    )

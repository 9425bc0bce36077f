"""Everything about one person in order of time, and what waits on this workstation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import ConsentEvent, Purpose, current_consent
from clinic_app.domain.notes import Note, note_for
from clinic_app.domain.paging import Page, Position
from clinic_app.domain.people import Patient, StaffUser
from clinic_app.domain.reviews import Review
from clinic_app.domain.safety import SafetyFlow
from clinic_app.domain.screening import Draft, Screening
from clinic_app.services.session import Desk
from clinic_app.services.storage import UnitOfWork
from clinic_app.services.withholding import (
    draft_for,
    hidden_of,
    visible,
    withheld,
    without_estimates,
)

PAGE = 200
"""Screenings on one page of a timeline."""
Event = Screening | Note | SafetyFlow | ConsentEvent


def moment_of(event: Event) -> datetime:
    """When the event happened, in UTC."""
    if isinstance(event, Screening):
        return event.finished_at
    if isinstance(event, Note):
        return event.signed_at or event.written_at
    if isinstance(event, SafetyFlow):
        return event.opened_at
    return event.recorded_at


@dataclass(frozen=True, slots=True)
class OlderScreenings:
    """One more page of a timeline, with what of it is ``withheld``."""

    page: Page[Screening, Position]
    withheld: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Timeline:
    """One person's page: open work first, then events, newest first.

    ``withheld`` names the screenings whose estimate is left out until the reader has judged them
    (their ``finding`` is ``None`` here). ``older`` is where the screenings go on, if they do;
    ``merged`` are the records that this one stands for. ``signed_beside`` holds the other text of
    notes that were signed twice.
    """

    patient: Patient
    consent: dict[Purpose, bool]
    draft: Draft | None
    open_flows: tuple[SafetyFlow, ...]
    events: tuple[Event, ...]
    reviews: tuple[Review, ...] = ()
    withheld: frozenset[UUID] = frozenset()
    older: Position | None = None
    merged: tuple[Patient, ...] = ()
    signed_beside: Mapping[UUID, tuple[Note, ...]] = field(default_factory=dict)

    def with_older(self, older: OlderScreenings) -> Timeline:
        """The same with one more page of screenings."""
        return replace(
            self,
            events=tuple(in_order((*self.events, *older.page.rows))),
            withheld=self.withheld | older.withheld,
            older=older.page.next,
        )


@dataclass(frozen=True, slots=True)
class DraftRow:
    draft: Draft
    patient: Patient


class TimelineService:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def of_patient(self, patient_id: UUID) -> Timeline:
        """The whole person, also when asked for by a record that is merged into another one.

        Raises ``NotFound``; the reading is audited.
        """
        user = self._desk.allow(Action.SEE_SCREENINGS)
        with self._desk.unit_of_work() as work:
            work.patients.get(patient_id)
            person, *others = work.merges.identities(patient_id)
            consents = work.consents.of_patient(person)
            flows = work.safety.of_patient(person)
            reviews = work.reviews.of_patient(person)
            older = _older(work, person, None, reviews, user)
            on_page = {one.id for one in older.page.rows}  # read already, and long to read
            earlier = [one for one in reviews if one.screening_id not in on_page]
            notes = work.notes.of_patient(person)
            draft = work.drafts.of_patient(person)
            events: list[Event] = [
                *older.page.rows,
                *(note_for(note, user.id) for note in notes if note.discarded_at is None),
                *flows,
                *consents,
            ]
            timeline = Timeline(
                patient=work.patients.get(person),
                consent=current_consent(consents),
                draft=draft_for(draft, user) if draft is not None else None,
                open_flows=tuple(flow for flow in flows if flow.blocks_finishing),
                events=tuple(in_order(events)),
                reviews=tuple(visible(reviews, older.withheld | hidden_of(work, earlier, user))),
                withheld=older.withheld,
                older=older.page.next,
                merged=tuple(map(work.patients.get, others)),
                signed_beside=work.notes.signed_beside(notes),
            )
            work.audit.record(AuditKind.READ, user.id, "timeline", patient_id)
            work.commit()
        return timeline

    def older_screenings(self, patient_id: UUID, after: Position) -> OlderScreenings:
        """The screenings that follow ``Timeline.older``; the reading is audited."""
        user = self._desk.allow(Action.SEE_SCREENINGS)
        with self._desk.unit_of_work() as work:
            reviews = work.reviews.of_patient(patient_id)
            older = _older(work, patient_id, after, reviews, user)
            work.audit.record(AuditKind.READ, user.id, "timeline", patient_id)
            work.commit()
        return older

    def unfinished(self) -> list[DraftRow]:
        """Drafts on this workstation, newest change first; the reading is audited."""
        user = self._desk.allow(Action.TAKE_SCREENING)
        with self._desk.unit_of_work() as work:
            rows = [
                DraftRow(draft_for(draft, user), work.patients.get(draft.patient_id))
                for draft in work.drafts.all()
            ]
            work.audit.record(AuditKind.READ, user.id, "drafts")
            work.commit()
        return rows


def in_order(events: Sequence[Event]) -> list[Event]:
    """Newest first."""
    return sorted(events, key=lambda event: (moment_of(event), event.id), reverse=True)


def _older(
    work: UnitOfWork,
    patient_id: UUID,
    after: Position | None,
    reviews: Sequence[Review],
    user: StaffUser,
) -> OlderScreenings:
    """A page of screenings without the estimates that this reader must not see yet."""
    found = work.screenings.of_patient(patient_id, limit=PAGE + 1, after=after)
    rows = found[:PAGE]
    last = Position(rows[-1].finished_at, rows[-1].id) if len(found) > PAGE else None
    hidden = withheld(rows, reviews, user)
    return OlderScreenings(Page(without_estimates(rows, hidden), last), hidden)

"""Feedback: rating the service, agreeing with a result, and incidents are three different things.

Figures go to everybody who works here, without small numbers. Single answers can be read only by
who may export them; incidents by everybody who handles them. None of it trains a model.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from clinic_app.domain import feedback as rules
from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import WrongState
from clinic_app.domain.feedback import (
    Agreement,
    Author,
    DegreeOfHarm,
    Incident,
    IncidentCategory,
    IncidentEvent,
    IncidentEventKind,
    ResultAgreement,
    ServiceRating,
)
from clinic_app.domain.ids import new_id
from clinic_app.domain.paging import Page, Position
from clinic_app.domain.schedule import to_local
from clinic_app.services.belonging import check_screening_of
from clinic_app.services.feedback_analysis import (
    ALWAYS,
    FeedbackAnalysis,
    FeedbackMaterial,
    Months,
    analyse,
)
from clinic_app.services.feedback_table import FeedbackKind, answers_csv
from clinic_app.services.once import check_same, once
from clinic_app.services.session import Desk
from clinic_app.services.storage import UnitOfWork

TEXTS_READ = 5_000
"""At most this many texts are analysed, the newest."""
_PAGE = 500


@dataclass(frozen=True, slots=True)
class NewIncident:
    """What is told about something that went wrong; ``text`` is required.

    ``id`` is made with the form: the same form sent twice is one incident.
    """

    text: str
    category: IncidentCategory = IncidentCategory.OTHER
    harm: DegreeOfHarm = DegreeOfHarm.NO_HARM
    patient_id: UUID | None = None
    language: str = "en"
    id: UUID = field(default_factory=new_id)


class FeedbackService:
    """Days are those of the clinic's clocks."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    # --- giving ------------------------------------------------------------------------------

    def rate(
        self,
        rating: int,
        text: str = "",
        *,
        patient_id: UUID | None = None,
        language: str = "en",
        author: Author = Author.PATIENT,
        entry_id: UUID | None = None,
    ) -> ServiceRating:
        """Keep how the service was found, 1 (poor) to 5 (very good).

        ``entry_id`` is made with the form: the same form sent twice is one rating.
        With ``patient_id`` only where the person agrees to be known. A patient who holds the laptop
        is the author, whatever is asked for. Raises ``InvalidInput`` and ``NotFound``.
        """
        user = self._desk.allow(Action.GIVE_FEEDBACK, patient_id)
        own = self._desk.session.patient_at_laptop is not None
        with self._desk.unit_of_work() as work:
            kept = once(work.ratings.get, entry_id)
            if kept is not None:
                check_same(kept.entered_by == user.id)
                return kept
            if patient_id is not None:
                work.patients.get(patient_id)
            now, today, clinic_id = self._here(work)
            record = rules.checked_rating(
                ServiceRating(
                    id=entry_id or new_id(),
                    clinic_id=clinic_id,
                    rating=rating,
                    given_at=now,
                    given_on=today,
                    entered_by=user.id,
                    author=Author.PATIENT if own else author,
                    text=text,
                    language=language,
                    patient_id=patient_id,
                )
            )
            work.ratings.add(record)
            work.audit.record(AuditKind.CREATED, user.id, "rating", record.id)
            work.commit()
        return record

    def agree(
        self,
        patient_id: UUID,
        screening_id: UUID,
        agreement: Agreement,
        text: str = "",
        *,
        language: str = "en",
        author: Author = Author.PATIENT,
    ) -> ResultAgreement:
        """Keep whether somebody finds that a reviewed result fits.

        Raises ``WrongState`` before a doctor has reviewed it, ``InvalidInput`` for somebody else's
        screening, ``NotFound``.
        """
        user = self._desk.allow(Action.GIVE_FEEDBACK, patient_id)
        own = self._desk.session.patient_at_laptop is not None
        with self._desk.unit_of_work() as work:
            check_screening_of(work, patient_id, screening_id)
            if not work.reviews.reviewed([screening_id]):
                raise WrongState("A doctor has not reviewed this screening yet.")
            now, today, clinic_id = self._here(work)
            record = rules.checked_agreement(
                ResultAgreement(
                    id=new_id(),
                    clinic_id=clinic_id,
                    patient_id=patient_id,
                    screening_id=screening_id,
                    agreement=agreement,
                    given_at=now,
                    given_on=today,
                    entered_by=user.id,
                    author=Author.PATIENT if own else author,
                    text=text,
                    language=language,
                )
            )
            work.agreements.add(record)
            work.audit.record(AuditKind.CREATED, user.id, "result_agreement", record.id)
            work.commit()
        return record

    def report_incident(self, new: NewIncident) -> Incident:
        """Open an incident; raises ``InvalidInput`` without a text and ``NotFound``."""
        user = self._desk.allow(Action.REPORT_INCIDENT)
        with self._desk.unit_of_work() as work:
            kept = once(work.incidents.get, new.id)
            if kept is not None:
                check_same(kept.opened_by == user.id)
                return kept
            if new.patient_id is not None:
                work.patients.get(new.patient_id)
            now, today, clinic_id = self._here(work)
            event = rules.checked_incident_event(
                None,
                IncidentEvent(
                    id=new_id(),
                    incident_id=new.id,
                    clinic_id=clinic_id,
                    kind=IncidentEventKind.OPENED,
                    at=now,
                    on=today,
                    by=user.id,
                    text=new.text,
                    category=new.category,
                    harm=new.harm,
                    author=Author.STAFF,
                    language=new.language,
                    patient_id=new.patient_id,
                ),
            )
            work.incidents.add(event)
            work.audit.record(AuditKind.CREATED, user.id, "incident", event.incident_id)
            work.commit()
            return work.incidents.get(event.incident_id)

    # --- handling incidents ------------------------------------------------------------------

    def note_incident(
        self,
        incident_id: UUID,
        text: str,
        *,
        category: IncidentCategory | None = None,
        harm: DegreeOfHarm | None = None,
    ) -> Incident:
        """Add what became known; category and harm may be put right with it."""
        kind = IncidentEventKind.NOTED
        return self._step(incident_id, kind, text, Action.REPORT_INCIDENT, category, harm)

    def close_incident(self, incident_id: UUID, text: str) -> Incident:
        """Close it, with what was done; raises ``WrongState`` when it is closed already."""
        return self._step(incident_id, IncidentEventKind.CLOSED, text, Action.CLOSE_INCIDENT)

    def reopen_incident(self, incident_id: UUID, text: str) -> Incident:
        """Take the closing back, with the reason; raises ``WrongState`` while it is open."""
        return self._step(incident_id, IncidentEventKind.REOPENED, text, Action.CLOSE_INCIDENT)

    # --- reading -----------------------------------------------------------------------------

    def incident(self, incident_id: UUID) -> Incident:
        """With its whole story; raises ``NotFound``. Audited."""
        user = self._desk.allow(Action.SEE_FEEDBACK)
        with self._desk.unit_of_work() as work:
            found = work.incidents.get(incident_id)
            work.audit.record(AuditKind.READ, user.id, "incident", incident_id)
            work.commit()
        return found

    def incidents(
        self, limit: int = 50, after: Position | None = None, *, open_only: bool = False
    ) -> Page[Incident, Position]:
        """Newest first. Audited."""
        user = self._desk.allow(Action.SEE_FEEDBACK)
        with self._desk.unit_of_work() as work:
            page = work.incidents.newest(limit, after, open_only=open_only)
            work.audit.record(AuditKind.READ, user.id, "incidents")
            work.commit()
        return page

    def ratings(
        self, months: Months = ALWAYS, limit: int = 50, after: Position | None = None
    ) -> Page[ServiceRating, Position]:
        """Single answers, newest first, for who may export them. Audited."""
        user = self._desk.allow(Action.EXPORT_FEEDBACK)
        first, last = months.bounds
        with self._desk.unit_of_work() as work:
            page = work.ratings.newest(limit, after, first=first, last=last)
            work.audit.record(AuditKind.READ, user.id, "ratings")
            work.commit()
        return page

    def agreements(
        self, months: Months = ALWAYS, limit: int = 50, after: Position | None = None
    ) -> Page[ResultAgreement, Position]:
        """Single answers, newest first, for who may export them. Audited."""
        user = self._desk.allow(Action.EXPORT_FEEDBACK)
        first, last = months.bounds
        with self._desk.unit_of_work() as work:
            page = work.agreements.newest(limit, after, first=first, last=last)
            work.audit.record(AuditKind.READ, user.id, "agreements")
            work.commit()
        return page

    def material(self, months: Months = ALWAYS, clinic_id: UUID | None = None) -> FeedbackMaterial:
        """What ``analyse`` works on; holds texts, so it is for the analysis alone. Audited."""
        user = self._desk.allow(Action.SEE_FEEDBACK)
        first, last = months.bounds
        with self._desk.unit_of_work() as work:
            clinic = work.clinic.get()
            texts, cut = _texts(work, first, last, clinic_id)
            found = FeedbackMaterial(
                months=months,
                ratings=tuple(work.ratings.by_month(first, last, clinic_id)),
                agreements=tuple(work.agreements.by_month(first, last, clinic_id)),
                incidents=tuple(work.incidents.by_month(first, last, clinic_id)),
                texts=texts,
                names={clinic.id: clinic.name},
                cut=cut,
            )
            work.audit.record(AuditKind.READ, user.id, "feedback")
            work.commit()
        return found

    def analysis(self, months: Months = ALWAYS, clinic_id: UUID | None = None) -> FeedbackAnalysis:
        """The figures without small numbers; loads the language library on first use. Audited."""
        return analyse(self.material(months, clinic_id))

    def export(self, kind: FeedbackKind, password: str, months: Months = ALWAYS) -> bytes:
        """All answers of one form as CSV (UTF-8), oldest last, after the password was asked again.

        It names neither patients nor screenings nor staff; texts are as people wrote them. Raises
        ``WrongPassword``, ``SignInThrottled``. Audited as an export.
        """
        user = self._desk.allow(Action.EXPORT_FEEDBACK)
        self._desk.reauthenticate(password)
        first, last = months.bounds
        with self._desk.unit_of_work() as work:
            table = answers_csv(work, kind, first, last)
            detail = f"{kind.value} {months.first or 'all'}..{months.last or 'all'}"
            work.audit.record(AuditKind.EXPORTED, user.id, "feedback", None, detail)
            work.commit()
        return table

    # --- inside ------------------------------------------------------------------------------

    def _here(self, work: UnitOfWork) -> tuple[datetime, date, UUID]:
        """Now, the clinic's day, and the clinic."""
        now, clinic = self._desk.now(), work.clinic.get()
        return now, to_local(now, clinic.time_zone).date(), clinic.id

    def _step(
        self,
        incident_id: UUID,
        kind: IncidentEventKind,
        text: str,
        action: Action,
        category: IncidentCategory | None = None,
        harm: DegreeOfHarm | None = None,
    ) -> Incident:
        user = self._desk.allow(action)
        with self._desk.unit_of_work() as work:
            before = work.incidents.get(incident_id)
            now, today, _ = self._here(work)
            event = IncidentEvent(
                id=new_id(),
                incident_id=incident_id,
                clinic_id=before.clinic_id,
                kind=kind,
                at=now,
                on=today,
                by=user.id,
                text=text,
                category=category,
                harm=harm,
            )
            work.incidents.add(rules.checked_incident_event(before, event))
            work.audit.record(AuditKind.CHANGED, user.id, "incident", incident_id, kind.value)
            work.commit()
            return work.incidents.get(incident_id)


def _texts(
    work: UnitOfWork, first: str, last: str, clinic_id: UUID | None
) -> tuple[tuple[ServiceRating, ...], bool]:
    found: list[ServiceRating] = []
    after: Position | None = None
    while len(found) < TEXTS_READ:
        page = work.ratings.with_text(_PAGE, after, first=first, last=last, clinic_id=clinic_id)
        found.extend(page.rows)
        after = page.next
        if after is None:
            return tuple(found), False
    return tuple(found[:TEXTS_READ]), True

"""What a patient does with the laptop in hand: about oneself, and nothing else.

Results are shown only after a doctor has finished a review, in plain words, with the date and the
totals of the questionnaires. The reading of a picture is no part of it, nor single answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import ConsentText, Purpose, current_consent
from clinic_app.domain.errors import AccessDenied, NotFound, WrongState
from clinic_app.domain.feedback import Agreement, Author
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import CrisisContact
from clinic_app.domain.questionnaires import InstrumentName
from clinic_app.domain.reviews import Review
from clinic_app.domain.schedule import to_local
from clinic_app.domain.screening import ClinicianSeverity, Draft, Progress, Screening
from clinic_app.services.patients import ConsentService
from clinic_app.services.session import Desk
from clinic_app.services.sites_cases import in_group
from clinic_app.services.storage import UnitOfWork

RESULTS_SHOWN = 12
"""The newest reviewed results that a patient sees."""


@dataclass(frozen=True, slots=True)
class OwnScore:
    """One questionnaire: ``total`` and ``band`` are ``None`` where too much was left open."""

    title: str
    total: int | None
    maximum: int
    band: str | None


@dataclass(frozen=True, slots=True)
class OwnResult:
    """A finished screening that a doctor has reviewed, as its patient may read it.

    ``doctors_view`` is the doctor's own judgement; ``said`` is whether the person found that the
    result fits, ``None`` before they were asked.
    """

    screening_id: UUID
    taken_on: date
    reviewed_on: date
    reviewer: str
    doctors_view: ClinicianSeverity
    scores: tuple[OwnScore, ...]
    said: Agreement | None


@dataclass(frozen=True, slots=True)
class PatientHome:
    """What the first page needs; ``given_name`` is how the person is greeted.

    ``minor`` consents are for a parent or guardian, with staff. ``waiting`` are the questionnaires
    neither handed in yet nor left out by the staff. ``in_group``: the clinic learns with others.
    """

    patient_id: UUID
    given_name: str
    clinic_name: str
    contacts: tuple[CrisisContact, ...]
    consent: dict[Purpose, bool]
    face_on: bool
    minor: bool
    waiting: tuple[InstrumentName, ...]
    results: int
    in_group: bool = False


@dataclass(frozen=True, slots=True)
class OwnQuestionnaires:
    """Where the answers go, and how far each begun questionnaire has come; no answer is in here,
    for somebody else may have asked before."""

    draft_id: UUID
    begun: tuple[Progress, ...]

    def progress(self, name: InstrumentName) -> Progress | None:
        return next((one for one in self.begun if one.instrument is name), None)


class PatientHomeService:
    """Works only while the laptop is handed over, for the person who holds it."""

    def __init__(self, desk: Desk, consents: ConsentService) -> None:
        self._desk = desk
        self._consents = consents

    def look(self) -> PatientHome:
        """The first page. Audited."""
        patient_id = self._holder(Action.ANSWER_QUESTIONNAIRE)
        user = self._desk.session.user
        with self._desk.unit_of_work() as work:
            patient, clinic = work.patients.get(patient_id), work.clinic.get()
            today = to_local(self._desk.now(), clinic.time_zone).date()
            draft = work.drafts.of_patient(patient_id)
            home = PatientHome(
                patient_id=patient_id,
                given_name=patient.given_name or patient.family_name,
                clinic_name=clinic.name,
                contacts=clinic.crisis_contacts,
                consent=current_consent(work.consents.of_patient(patient_id)),
                face_on=clinic.face_module_enabled,
                minor=patient.is_minor_on(today),
                waiting=_waiting(draft, clinic.instruments),
                results=len(_reviewed(work, patient_id)),
                in_group=in_group(work),
            )
            work.audit.record(AuditKind.READ, user.id, "patient_home", patient_id)
            work.commit()
        return home

    def consent(
        self,
        answers: Mapping[Purpose, bool],
        shown: Mapping[Purpose, ConsentText] | None = None,
    ) -> dict[Purpose, bool]:
        """Give or take back one's own consent, with the words that were ``shown``; the state
        afterwards.

        Raises ``WrongState`` for somebody under 18: a parent or guardian decides, with staff.
        """
        patient_id = self._holder(Action.GIVE_OWN_CONSENT)
        with self._desk.unit_of_work() as work:
            clinic = work.clinic.get()
            today = to_local(self._desk.now(), clinic.time_zone).date()
            minor = work.patients.get(patient_id).is_minor_on(today)
        if minor:
            raise WrongState("A parent or guardian decides about this, together with the staff.")
        return self._consents.give_own(patient_id, answers, shown)

    def questionnaires(self) -> OwnQuestionnaires:
        """Where the answers go, made where there is nothing yet."""
        patient_id = self._holder(Action.ANSWER_QUESTIONNAIRE)
        user = self._desk.session.user
        with self._desk.unit_of_work() as work:
            draft = work.drafts.of_patient(patient_id)
            if draft is None:
                now = self._desk.now()
                draft = Draft(new_id(), patient_id, user.id, now, now)
                work.drafts.save(draft)
                work.audit.record(AuditKind.CREATED, user.id, "draft", draft.id, "patient mode")
                work.commit()
        return OwnQuestionnaires(draft.id, tuple(sheet.progress for sheet in draft.sheets))

    def results(self) -> tuple[OwnResult, ...]:
        """Finished screenings that a doctor has reviewed, newest first. Audited."""
        patient_id = self._holder(Action.SEE_OWN_RESULTS)
        user = self._desk.session.user
        with self._desk.unit_of_work() as work:
            zone = work.clinic.get().time_zone
            names = {one.id: one.display_name for one in work.users.all()}
            found = tuple(
                OwnResult(
                    screening_id=screening.id,
                    taken_on=to_local(screening.finished_at, zone).date(),
                    reviewed_on=to_local(_concluded_at(review), zone).date(),
                    reviewer=names.get(review.reviewer, ""),
                    doctors_view=review.own_severity,
                    scores=_scores(screening),
                    said=_said(work, screening.id),
                )
                for screening, review in _reviewed(work, patient_id)
            )
            work.audit.record(AuditKind.READ, user.id, "own_results", patient_id)
            work.commit()
        return found

    def _holder(self, action: Action) -> UUID:
        """Who holds the laptop; a refusal is audited before it is raised."""
        holder = self._desk.session.patient_at_laptop
        self._desk.allow(action, holder)
        if holder is None:
            self._desk.refuse(action)
            raise AccessDenied("The laptop is not in a patient's hands.")
        return holder


def _waiting(
    draft: Draft | None, offered: tuple[InstrumentName, ...]
) -> tuple[InstrumentName, ...]:
    """What is not handed in, nor left out by the staff; what was begun all the same is gone on
    with, so that no answer is lost."""
    if draft is None:
        return offered
    done = {one.instrument for one in draft.responses}
    begun = {sheet.instrument for sheet in draft.sheets if sheet.begun}
    left_out = set(draft.left_out) - begun
    return tuple(name for name in offered if name not in done and name not in left_out)


def _reviewed(work: UnitOfWork, patient_id: UUID) -> list[tuple[Screening, Review]]:
    """Screenings with the newest concluded review of each, newest screening first."""
    newest: dict[UUID, Review] = {}
    for review in work.reviews.of_patient(patient_id):
        if review.concluded:
            known = newest.get(review.screening_id)
            if known is None or _concluded_at(review) > _concluded_at(known):
                newest[review.screening_id] = review
    screenings = []
    for one, review in newest.items():
        with suppress(NotFound):  # not synced to this laptop yet
            screenings.append((work.screenings.get(one), review))
    screenings.sort(key=lambda pair: (pair[0].finished_at, pair[0].id), reverse=True)
    return screenings[:RESULTS_SHOWN]


def _concluded_at(review: Review) -> datetime:
    return review.concluded_at or review.judged_at


def _scores(screening: Screening) -> tuple[OwnScore, ...]:
    scores = [response.score for response in screening.responses]
    return tuple(OwnScore(one.scale, one.total, one.maximum, one.band) for one in scores)


def _said(work: UnitOfWork, screening_id: UUID) -> Agreement | None:
    own = [
        one for one in work.agreements.of_screening(screening_id) if one.author is Author.PATIENT
    ]
    return own[-1].agreement if own else None

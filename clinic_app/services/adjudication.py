"""Doctors read kept pictures for learning: blind, twice, a third time where they differ.

The question is what the picture shows, so the picture is all that a reader is given: no name, no
answers, no judgement, no estimate. Who took or reviewed the screening, printed a report of the
person or entered an answer about the result, on any workstation, and who saw the estimate or
exported the record on this one, does not read it. Who did so on another one, or only opened the
screening there, is not known here, for audit entries do not travel: who knows the result has to
say so.
"""

from __future__ import annotations

from functools import partial
from uuid import UUID

from clinic_app.domain.access import Action
from clinic_app.domain.adjudication import (
    Adjudication,
    AdjudicationEvent,
    AdjudicationEventKind,
    CaseState,
    checked_adjudication_event,
    reader_table,
)
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import current_consent
from clinic_app.domain.errors import ConsentMissing, NotFound, WrongState
from clinic_app.domain.face_case import FaceCase, face_case
from clinic_app.domain.ids import new_id
from clinic_app.domain.kappa import jackknife_interval, kappa_between
from clinic_app.domain.learning_key import shuffled
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.learning_cases import LEARNT_FROM, learning_key, newest_base
from clinic_app.services.learning_data import Queue, TogetherCase
from clinic_app.services.session import Desk
from clinic_app.services.storage import UnitOfWork


class AdjudicationService:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def queue(self) -> Queue:
        """What this doctor can read now, first what the models in use have read: a head learns from
        no other pictures. Looking is audited."""
        user = self._desk.allow(Action.ADJUDICATE)
        with self._desk.unit_of_work() as work:
            key = learning_key(work, self._desk.now())
            cases = _consented(work)
            pictured, known = work.face_cases.pictured(), work.face_cases.known_to(user.id)
            told = {one.screening_id: one for one in work.adjudications.all()}
            seen = [one for one in cases if one.screening_id in pictured]
            unread = [one for one in seen if _waits(told.get(one.screening_id), user.id)]
            mine = [one.screening_id for one in unread if one.screening_id not in known]
            names = {one.id: one.display_name for one in work.users.all()}
            agreed, base = {one.screening_id for one in cases}, newest_base(cases)
            older = {one.screening_id for one in cases if one.base != base}
            counted = [one for one in told.values() if one.screening_id in agreed]
            table = reader_table(counted)
            work.audit.record(AuditKind.READ, user.id, "adjudication")
            work.commit()
        return Queue(
            cases=tuple(sorted(mine, key=lambda one: (one in older, shuffled(key, user.id, one)))),
            together=tuple(_shown(one, names) for one in counted if _to_agree_on(one, user.id)),
            without_picture=sum(
                one.screening_id not in pictured and _open(told.get(one.screening_id))
                for one in cases
            ),
            withheld=len(unread) - len(mine),
            settled=sum(one.settled_on is not None for one in counted),
            pairs=sum(map(sum, table)),
            kappa=kappa_between(table),
            interval=jackknife_interval(table),
        )

    def picture(self, screening_id: UUID) -> bytes:
        """The face as it was taken, PNG, and nothing else; the reading is audited. Who has read it
        sees it again where three readings differ and a band has to be agreed on.

        Raises ``ConsentMissing``, ``NotFound`` when no picture is kept, ``WrongState`` when this
        doctor may know the estimate or has read it already and it needs no more readers.
        """
        user = self._desk.allow(Action.ADJUDICATE)
        with self._desk.unit_of_work() as work:
            told = work.adjudications.find(screening_id)
            again = told is not None and _to_agree_on(told, user.id)
            find = _consented_case if again else partial(_readable, user_id=user.id)
            case = find(work, screening_id)
            images = work.images.get(case.screening_id)
            if images is None:
                raise NotFound("The picture of this case is not kept any more.")
            work.audit.record(AuditKind.READ, user.id, "images", screening_id, "adjudication")
            work.commit()
        return images.face_png

    def record(self, screening_id: UUID, severity: ClinicianSeverity) -> CaseState:
        """Keep what this doctor sees; it cannot be changed. Raises as ``picture`` does."""
        return self._add(screening_id, AdjudicationEventKind.READ, severity, "")

    def pass_over(self, screening_id: UUID) -> None:
        """This doctor knows the result: leave the case to others. Audited, by which it is known on
        this workstation from now on. Raises as ``picture`` does."""
        user = self._desk.allow(Action.ADJUDICATE)
        with self._desk.unit_of_work() as work:
            case = _readable(work, screening_id, user.id)
            work.audit.record(
                AuditKind.ESTIMATE_SHOWN, user.id, "screening", case.screening_id, "known before"
            )
            work.commit()

    def agree(self, screening_id: UUID, severity: ClinicianSeverity, text: str) -> CaseState:
        """Keep the band that the readers settled on together, with the reason.

        Raises ``InvalidInput`` without a reason, ``WrongState`` unless three blind readings differ
        and this doctor was one of the readers, ``ConsentMissing``.
        """
        return self._add(screening_id, AdjudicationEventKind.AGREED, severity, text)

    def _add(
        self,
        screening_id: UUID,
        kind: AdjudicationEventKind,
        severity: ClinicianSeverity,
        text: str,
    ) -> CaseState:
        user = self._desk.allow(Action.ADJUDICATE)
        with self._desk.unit_of_work() as work:
            told = work.adjudications.find(screening_id)
            if kind is AdjudicationEventKind.READ:
                case = _readable(work, screening_id, user.id)
            else:
                case = _consented_case(work, screening_id)
            event = AdjudicationEvent(
                id=new_id(),
                screening_id=screening_id,
                patient_id=case.patient_id,
                kind=kind,
                at=self._desk.now(),
                by=user.id,
                severity=severity,
                text=text,
            )
            work.adjudications.add(checked_adjudication_event(told, event))
            work.audit.record(AuditKind.CREATED, user.id, "adjudication", screening_id, kind.value)
            work.commit()
            after = work.adjudications.find(screening_id)
        assert after is not None  # it has just been added
        return after.state


def _consented(work: UnitOfWork) -> list[FaceCase]:
    agreed = work.face_cases.consenting(*LEARNT_FROM)
    return [one for one in work.face_cases.all() if one.usable and one.patient_id in agreed]


def _consented_case(work: UnitOfWork, screening_id: UUID) -> FaceCase:
    screening = work.screenings.get(screening_id)
    case = face_case(screening)
    if case is None or not case.usable:
        raise NotFound("This screening has no picture with a reading.")
    consent = current_consent(work.consents.of_patient(screening.patient_id))
    if not all(consent.get(one, False) for one in LEARNT_FROM):
        raise ConsentMissing("This person has not agreed, or no longer agrees, to training.")
    return case


def _readable(work: UnitOfWork, screening_id: UUID, user_id: UUID) -> FaceCase:
    case = _consented_case(work, screening_id)
    if work.face_cases.knows(user_id, screening_id):
        raise WrongState(
            "You may know the estimate: you took, reviewed, saw, printed or exported this"
            " screening. A blind reader is needed."
        )
    if not _waits(work.adjudications.find(screening_id), user_id):
        raise WrongState("This case is settled, or you have read it already.")
    return case


def _open(told: Adjudication | None) -> bool:
    return told is None or told.state in (CaseState.OPEN, CaseState.THIRD)


def _waits(told: Adjudication | None, user_id: UUID) -> bool:
    return _open(told) and (told is None or not told.read_by(user_id))


def _to_agree_on(told: Adjudication, user_id: UUID) -> bool:
    return told.state is CaseState.TOGETHER and told.read_by(user_id)


def _shown(case: Adjudication, names: dict[UUID, str]) -> TogetherCase:
    said = tuple((names.get(one.by, ""), one.severity) for one in case.readings)
    return TogetherCase(case.screening_id, said)

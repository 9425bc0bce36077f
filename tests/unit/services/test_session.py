"""Roles, the lock, and a laptop in a patient's hands; every refusal is audited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.cautions import Caution
from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import (
    AccessDenied,
    NotFound,
    NotSignedIn,
    SignInThrottled,
    StoreFull,
    WrongPassword,
)
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Role
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.safety import SafetyAssessment
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.clinic_services import ClinicServices
from clinic_app.services.patients import NewPatient
from clinic_app.services.session import SessionState
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, FakeClinic
from tests.fakes.clock import START
from tests.fakes.reading import reading
from tests.unit.services.calling import refusals

NEW = NewPatient("Baker", "Bo", date(1970, 1, 1))
ASSESSMENT = SafetyAssessment("a", "b", "c", "d", START + timedelta(days=1))
Call = Callable[[ClinicServices, UUID], object]

# Everything that needs staff; the identifier is a patient's, a draft's or a note's.
STAFF_ACTIONS: dict[str, Call] = {
    "similar": lambda s, i: s.patients.similar(NEW),
    "register": lambda s, i: s.patients.register(NEW),
    "correct": lambda s, i: s.patients.correct(i, NEW),
    "get patient": lambda s, i: s.patients.get(i),
    "search": lambda s, i: s.patients.search("a"),
    "consent": lambda s, i: s.consents.current(i),
    "consent history": lambda s, i: s.consents.history(i),
    "record consent": lambda s, i: s.consents.record(i, {Purpose.CAPTURE: True}),
    "start": lambda s, i: s.screenings.start(i),
    "draft": lambda s, i: s.screenings.draft(i),
    "drafts": lambda s, i: s.screenings.drafts(),
    "abandon": lambda s, i: s.screenings.abandon(i),
    "record questionnaire": lambda s, i: s.screenings.record_questionnaire(
        i, InstrumentName.GAD7, (0,) * 7, AnsweredBy.PATIENT
    ),
    "check capture": lambda s, i: s.screenings.check_capture(i),
    "attach": lambda s, i: s.screenings.attach(i, reading()),
    "set cautions": lambda s, i: s.screenings.set_cautions(i, (Caution.PALSY,)),
    "leave out": lambda s, i: s.screenings.leave_out(i, InstrumentName.GAD7),
    "images": lambda s, i: s.screenings.images(i),
    "judge": lambda s, i: s.screenings.judge(i, ClinicianSeverity.NONE),
    "reveal": lambda s, i: s.screenings.reveal(i),
    "finish": lambda s, i: s.screenings.finish(i),
    "get screening": lambda s, i: s.screenings.get(i),
    "withheld": lambda s, i: s.screenings.withheld([i]),
    "screenings of": lambda s, i: s.screenings.of_patient(i),
    "number of screenings": lambda s, i: s.screenings.count_of_patient(i),
    "newest screenings": lambda s, i: s.screenings.newest(),
    "safety flows": lambda s, i: s.screenings.safety_flows(i, i),
    "unfinished flows": lambda s, i: s.safety.unfinished(),
    "flow of screening": lambda s, i: s.safety.of_screening(i),
    "clinicians": lambda s, i: s.safety.clinicians(),
    "raise concern": lambda s, i: s.safety.raise_concern(i, i),
    "assess": lambda s, i: s.safety.assess(i, ASSESSMENT),
    "hand over flow": lambda s, i: s.safety.hand_over(i, i),
    "acknowledge": lambda s, i: s.safety.acknowledge(i, "amina", PASSWORD),
    "write note": lambda s, i: s.notes.write(i, "text"),
    "edit note": lambda s, i: s.notes.edit(i, "text"),
    "sign note": lambda s, i: s.notes.sign(i, PASSWORD),
    "add to note": lambda s, i: s.notes.add_to(i, "text"),
    "draft addendum": lambda s, i: s.notes.draft_addendum(i),
    "notes of": lambda s, i: s.notes.of_patient(i),
    "timeline": lambda s, i: s.timeline.of_patient(i),
    "waiting drafts": lambda s, i: s.timeline.unfinished(),
    "report": lambda s, i: s.reports.screening(i),
    "draft report": lambda s, i: s.reports.draft(i),
    "audit": lambda s, i: s.audit.verify(),
    "audit entries": lambda s, i: s.audit.entries(),
    "hand to patient": lambda s, i: s.clinic.hand_over(i),
}


def services_of(clinic: FakeClinic, role: Role) -> ClinicServices:
    if role is Role.ADMINISTRATOR:
        return clinic.services
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, role)
    return clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)


@pytest.mark.parametrize("name", STAFF_ACTIONS)
def test_a_patient_at_the_laptop_reaches_no_staff_action_and_the_try_is_audited(
    clinic: FakeClinic, name: str
) -> None:
    patient = clinic.add_patient()
    clinic.services.clinic.hand_over(patient.id)
    before, tables = refusals(clinic), clinic.store.tables
    with pytest.raises(AccessDenied):
        STAFF_ACTIONS[name](clinic.services, patient.id)
    assert refusals(clinic) == before + 1
    assert clinic.store.tables.changed_since(tables) == {"audit"}


@pytest.mark.parametrize("name", STAFF_ACTIONS)
def test_behind_the_lock_nothing_can_be_done_and_the_try_is_audited(
    clinic: FakeClinic, name: str
) -> None:
    patient = clinic.add_patient()
    clinic.services.clinic.lock()
    before = refusals(clinic)
    with pytest.raises(NotSignedIn):
        STAFF_ACTIONS[name](clinic.services, patient.id)
    assert refusals(clinic) == before + 1


@pytest.mark.parametrize("role", [Role.COUNSELOR, Role.DOCTOR, Role.ADMINISTRATOR])
@pytest.mark.parametrize("name", STAFF_ACTIONS)
def test_clinical_staff_reach_their_work_and_only_administrators_the_audit_trail(
    clinic: FakeClinic, role: Role, name: str
) -> None:
    services = services_of(clinic, role)
    refused = False
    try:
        STAFF_ACTIONS[name](services, new_id())
    except AccessDenied:
        refused = True
    except (NotFound, WrongPassword):
        pass
    assert refused is (name.startswith("audit") and role is not Role.ADMINISTRATOR)


def test_a_patient_at_the_laptop_answers_for_the_own_draft_only(clinic: FakeClinic) -> None:
    own, other = clinic.add_patient(), clinic.add_patient("Other")
    screenings = clinic.services.screenings
    own_draft, others_draft = screenings.start(own.id), screenings.start(other.id)
    clinic.services.clinic.hand_over(own.id)
    screenings.answer(own_draft.id, InstrumentName.PHQ9, 0, 2, AnsweredBy.PATIENT)
    screenings.answer_difficulty(own_draft.id, InstrumentName.PHQ9, 1)
    screenings.complete(own_draft.id, InstrumentName.PHQ9)
    before = refusals(clinic)
    for attempt in (
        lambda: screenings.answer(others_draft.id, InstrumentName.PHQ9, 8, 3, AnsweredBy.PATIENT),
        lambda: screenings.answer_difficulty(others_draft.id, InstrumentName.PHQ9, 1),
        lambda: screenings.complete(others_draft.id, InstrumentName.PHQ9),
    ):
        with pytest.raises(AccessDenied):
            attempt()
    assert refusals(clinic) == before + 3
    assert clinic.store.tables.drafts[others_draft.id] == others_draft


def test_an_answer_in_the_patients_hands_still_opens_the_safety_flow(clinic: FakeClinic) -> None:
    patient = clinic.add_patient()
    draft = clinic.services.screenings.start(patient.id)
    clinic.services.clinic.hand_over(patient.id)
    clinic.services.screenings.answer(draft.id, InstrumentName.PHQ9, 8, 1, AnsweredBy.PATIENT)
    clinic.services.clinic.resume(PASSWORD)
    assert len(clinic.services.safety.unfinished()) == 1


def test_only_the_password_gives_the_laptop_back(clinic: FakeClinic) -> None:
    patient = clinic.add_patient()
    clinic.services.clinic.hand_over(patient.id)
    assert clinic.services.session.patient_at_laptop == patient.id
    for wrong in ("", "wrong-password-1"):
        with pytest.raises(WrongPassword):
            clinic.services.clinic.resume(wrong)
        assert clinic.services.session.state is SessionState.HANDED_OVER
    failed = [e for e in clinic.store.tables.audit if e.kind is AuditKind.SIGN_IN_FAILED]
    assert len(failed) == 2
    clinic.services.clinic.resume(PASSWORD)
    assert clinic.services.session.state is SessionState.ACTIVE
    assert clinic.services.session.patient_at_laptop is None
    assert clinic.services.patients.get(patient.id) == patient


def test_the_lock_over_a_handover_hides_everything_from_the_patient_too(
    clinic: FakeClinic,
) -> None:
    patient = clinic.add_patient()
    draft = clinic.services.screenings.start(patient.id)
    clinic.services.clinic.hand_over(patient.id)
    clinic.services.clinic.lock()
    with pytest.raises(NotSignedIn):
        clinic.services.screenings.answer(draft.id, InstrumentName.PHQ9, 0, 1, AnsweredBy.PATIENT)
    assert clinic.services.session.patient_at_laptop == patient.id


def test_too_many_wrong_passwords_make_wait_and_every_try_is_audited(clinic: FakeClinic) -> None:
    clinic.services.clinic.lock()
    for _ in range(5):
        with pytest.raises(WrongPassword):
            clinic.services.clinic.resume("wrong-password-1")
    with pytest.raises(SignInThrottled):
        clinic.services.clinic.resume(PASSWORD)
    kinds = [entry.kind for entry in clinic.store.tables.audit]
    assert kinds.count(AuditKind.SIGN_IN_FAILED) == 6
    clinic.clock.advance(minutes=1)
    clinic.services.clinic.resume(PASSWORD)


def switch_off(clinic: FakeClinic) -> None:
    """As a round brings it from another laptop."""
    with clinic.store.unit_of_work() as work:
        user = clinic.services.session.user
        work.users.save(replace(user, active=False, disabled_at=clinic.clock()))
        work.commit()


def test_an_account_that_was_switched_off_meanwhile_unlocks_nothing(clinic: FakeClinic) -> None:
    patient = clinic.add_patient()
    clinic.services.clinic.lock()
    switch_off(clinic)
    with pytest.raises(NotSignedIn, match="switched off"):
        clinic.services.clinic.resume(PASSWORD)
    assert clinic.store.tables.audit[-1].kind is AuditKind.REFUSED
    with pytest.raises(NotSignedIn):
        clinic.services.patients.get(patient.id)


def test_an_account_that_was_switched_off_takes_the_laptop_from_a_patient_and_opens_nothing(
    clinic: FakeClinic,
) -> None:
    """Nobody else could, and the patient must not be left with it."""
    patient = clinic.add_patient()
    clinic.services.clinic.hand_over(patient.id)
    switch_off(clinic)
    clinic.services.clinic.resume(PASSWORD)
    session = clinic.services.session
    assert (session.state, session.patient_at_laptop) == (SessionState.LOCKED, None)
    with pytest.raises(NotSignedIn):
        clinic.services.patients.get(patient.id)


def test_an_unlocking_that_cannot_be_audited_does_not_happen(clinic: FakeClinic) -> None:
    clinic.services.clinic.lock()
    clinic.store.commit_fails_with = StoreFull("The disk is full; the change was not made.")
    with pytest.raises(StoreFull):
        clinic.services.clinic.resume(PASSWORD)
    assert clinic.services.session.state is SessionState.LOCKED
    clinic.store.commit_fails_with = None
    clinic.services.clinic.resume(PASSWORD)


def test_an_ended_session_does_not_come_back(clinic: FakeClinic) -> None:
    session = clinic.services.session
    session.end()
    session.lock()
    assert session.state is SessionState.ENDED
    with pytest.raises(NotSignedIn):
        clinic.services.clinic.resume(PASSWORD)

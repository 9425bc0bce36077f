"""Twelve hours after signing in services ask for a sign-in again; nobody is cut off amid a step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import AccessDenied, NotSignedIn, SignInDue, WrongPassword
from clinic_app.domain.forms import FormKind
from clinic_app.domain.people import Role
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.safety import SafetyAssessment
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.session import SessionState
from clinic_app.services.sign_in_term import WITH_A_PERSON, SignInTerm
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, USER, FakeClinic
from tests.fakes.clock import FakeUptime


def assessment(clinic: FakeClinic) -> SafetyAssessment:
    return SafetyAssessment("a", "b", "c", "d", clinic.clock() + timedelta(days=1))


def unlock(clinic: FakeClinic) -> None:
    clinic.services.clinic.lock()
    clinic.services.clinic.resume(PASSWORD)


def test_a_term_lasts_twelve_hours_and_is_said_a_quarter_of_an_hour_before() -> None:
    up = FakeUptime()
    term = SignInTerm(up)
    up.advance(hours=11, minutes=44)
    assert not term.due
    up.advance(minutes=2)
    assert term.due
    assert all(term.allows(action) for action in Action)
    up.advance(minutes=14)
    assert term.left == 0
    assert {action for action in Action if term.allows(action)} == WITH_A_PERSON
    up.advance(hours=1)
    assert {action for action in Action if term.allows(action)} == {Action.HANDLE_SAFETY}
    term.renew()
    assert not term.due


def test_unlocking_does_not_lengthen_a_sign_in(clinic: FakeClinic) -> None:
    for _ in range(11):
        clinic.up.advance(hours=1)
        unlock(clinic)
    assert clinic.services.staff.names()
    clinic.up.advance(hours=1)
    for refused in (
        clinic.services.staff.everybody,
        clinic.services.notes.unsigned,
        clinic.services.tasks.open,
    ):
        with pytest.raises(NotSignedIn, match="sign in again"):
            refused()
    assert clinic.store.tables.audit[-1].kind is AuditKind.REFUSED


def test_a_clock_that_is_set_back_gains_nothing(clinic: FakeClinic) -> None:
    clinic.up.advance(hours=12)
    clinic.clock.advance(hours=-20)
    with pytest.raises(NotSignedIn, match="sign in again"):
        clinic.services.staff.everybody()


def test_what_was_typed_is_kept_until_the_window_locks(clinic: FakeClinic) -> None:
    patient = clinic.add_patient()
    note = clinic.services.notes.write(patient.id, "Sleeps")
    clinic.up.advance(days=2)
    clinic.services.notes.edit(note.id, "Sleeps better")
    clinic.services.forms.keep(FormKind.INTERVENTION, patient.id, {"text": "Walks"})
    clinic.services.clinic.lock()
    with pytest.raises(NotSignedIn):
        clinic.services.notes.edit(note.id, "Sleeps badly")
    clinic.services.clinic.resume(PASSWORD, USER)
    assert clinic.services.notes.get(note.id).text == "Sleeps better"
    kept = clinic.services.forms.kept(FormKind.INTERVENTION, patient.id)
    assert kept is not None
    assert kept.texts == {"text": "Walks"}


def test_words_that_were_taken_out_again_do_not_come_back(clinic: FakeClinic) -> None:
    patient, forms = clinic.add_patient(), clinic.services.forms
    forms.keep(FormKind.INTERVENTION, patient.id, {"text": "Of somebody else"})
    clinic.up.advance(hours=13)
    forms.discard(FormKind.INTERVENTION, patient.id)
    clinic.services.clinic.lock()
    with pytest.raises(NotSignedIn):
        forms.discard(FormKind.INTERVENTION, patient.id)
    clinic.services.clinic.resume(PASSWORD, USER)
    assert forms.kept(FormKind.INTERVENTION, patient.id) is None


def test_safety_steps_are_handed_over_and_taken_over_long_after_the_time(
    clinic: FakeClinic,
) -> None:
    services = clinic.services
    colleague = clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    patient = clinic.add_patient()
    flow = services.safety.raise_concern(patient.id, services.screenings.start(patient.id).id)
    clinic.up.advance(hours=20)
    services.forms.keep(FormKind.SAFETY_ASSESSMENT, flow.id, {"plan": "Stays"})
    assert services.forms.kept(FormKind.SAFETY_ASSESSMENT, flow.id) is not None
    assert services.safety.crisis_contacts()
    assert services.safety.clinicians() == [colleague]
    services.safety.hand_over(flow.id, colleague.id)
    services.safety.acknowledge(flow.id, COLLEAGUE, COLLEAGUE_PASSWORD)
    assert not services.safety.unfinished()


def test_a_lock_that_comes_after_the_time_takes_a_whole_sign_in(clinic: FakeClinic) -> None:
    clinic.up.advance(hours=13)
    clinic.services.clinic.lock()
    with pytest.raises(SignInDue):
        clinic.services.clinic.resume(PASSWORD)
    for name, password in ((USER, "wrong-password-1"), ("nobody", PASSWORD), ("", PASSWORD)):
        with pytest.raises(WrongPassword):
            clinic.services.clinic.resume(password, name)
    assert clinic.services.session.state is SessionState.LOCKED
    clinic.services.clinic.resume(PASSWORD, f" {USER.upper()} ".lower())
    assert clinic.store.tables.audit[-1].kind is AuditKind.SIGNED_IN
    assert clinic.services.staff.everybody()
    clinic.up.advance(hours=11)
    unlock(clinic)


def test_a_sign_in_can_be_made_shortly_before_it_has_to_be(clinic: FakeClinic) -> None:
    clinic.up.advance(hours=11, minutes=50)
    clinic.services.clinic.lock()
    with pytest.raises(SignInDue):
        clinic.services.clinic.resume(PASSWORD)
    clinic.services.clinic.resume(PASSWORD, USER)
    clinic.up.advance(hours=11)
    assert clinic.services.staff.everybody()


def test_what_waits_behind_the_lock_is_given_to_nobody_else(clinic: FakeClinic) -> None:
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    clinic.up.advance(hours=12)
    clinic.services.clinic.lock()
    with pytest.raises(AccessDenied, match="is at work here"):
        clinic.services.clinic.resume(COLLEAGUE_PASSWORD, COLLEAGUE)
    assert clinic.store.tables.audit[-1].kind is AuditKind.REFUSED
    assert clinic.services.session.state is SessionState.LOCKED


def test_five_wrong_sign_ins_make_wait(clinic: FakeClinic) -> None:
    clinic.up.advance(hours=12)
    clinic.services.clinic.lock()
    failed = [e for e in clinic.store.tables.audit if e.kind is AuditKind.SIGN_IN_FAILED]
    for _ in range(5):
        with pytest.raises(WrongPassword):
            clinic.services.clinic.resume("wrong-password-1", USER)
    now = [e for e in clinic.store.tables.audit if e.kind is AuditKind.SIGN_IN_FAILED]
    assert len(now) == len(failed) + 5


def test_a_screening_that_was_begun_can_be_finished_with_its_safety_steps(
    clinic: FakeClinic,
) -> None:
    services = clinic.services
    patient = clinic.add_patient()
    draft = services.screenings.start(patient.id)
    clinic.up.advance(hours=12, minutes=10)
    for item in range(9):
        by = AnsweredBy.READ_ALOUD
        services.screenings.answer(draft.id, InstrumentName.PHQ9, item, 1, by)
    services.screenings.complete(draft.id, InstrumentName.PHQ9)
    (waiting,) = services.safety.unfinished()
    services.safety.assess(waiting.flow.id, assessment(clinic))
    services.screenings.judge(draft.id, ClinicianSeverity.MILD, "Calm")
    services.screenings.finish(draft.id)
    with pytest.raises(NotSignedIn):
        services.staff.everybody()


def test_safety_steps_are_not_cut_off_however_long_they_take(clinic: FakeClinic) -> None:
    services = clinic.services
    patient = clinic.add_patient()
    draft = services.screenings.start(patient.id)
    flow = services.safety.raise_concern(patient.id, draft.id)
    clinic.up.advance(hours=20)
    with pytest.raises(NotSignedIn):
        services.screenings.draft(draft.id)
    services.safety.assess(flow.id, assessment(clinic))
    assert not services.safety.unfinished()


def resumed_by_staff(clinic: FakeClinic) -> None:
    clinic.services.clinic.resume(PASSWORD)


def locked_over_first(clinic: FakeClinic) -> None:
    clinic.services.clinic.lock()
    clinic.services.clinic.resume(PASSWORD)


@pytest.mark.parametrize("back", [resumed_by_staff, locked_over_first])
def test_a_patient_answers_on_and_taking_the_laptop_back_is_the_sign_in(
    clinic: FakeClinic, back: Callable[[FakeClinic], None]
) -> None:
    services = clinic.services
    patient = clinic.add_patient()
    draft = services.screenings.start(patient.id)
    services.clinic.hand_over(patient.id)
    clinic.up.advance(hours=30)
    services.screenings.answer(draft.id, InstrumentName.PHQ9, 8, 1, AnsweredBy.PATIENT)
    with pytest.raises(WrongPassword):
        services.clinic.resume("wrong-password-1")
    back(clinic)
    assert clinic.store.tables.audit[-1].kind is AuditKind.SIGNED_IN
    assert len(services.safety.unfinished()) == 1
    assert services.staff.everybody()


def test_rounds_go_on_behind_the_lock(clinic: FakeClinic) -> None:
    clinic.services.clinic.lock()
    clinic.up.advance(days=3)
    assert not clinic.services.sync.status().joined

"""Erasure: asked for, decided once, with a record; what the law keeps stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from clinic_app.domain.consent import Purpose, current_consent
from clinic_app.domain.erasure import ErasureState
from clinic_app.domain.errors import AccessDenied, InvalidInput, WrongPassword, WrongState
from clinic_app.domain.people import Patient, Role
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.patients import NewPatient
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, FakeClinic
from tests.fakes.reading import reading

EVERY = (Purpose.CAPTURE, Purpose.ANALYSIS, Purpose.KEEP_IMAGES)


@pytest.fixture
def patient(clinic: FakeClinic) -> Patient:
    """Somebody with a finished screening, a draft, images, notes and a phone number."""
    services = clinic.services
    person = services.patients.register(
        NewPatient("Okafor", "Chidi", date(1990, 5, 17), "0123 456")
    )
    services.consents.record(person.id, dict.fromkeys(EVERY, True))
    for finished in (True, False):
        draft = services.screenings.start(person.id).id
        services.screenings.attach(draft, reading())
        services.screenings.judge(draft, ClinicianSeverity.MILD)
        services.screenings.reveal(draft)
        if finished:
            services.screenings.finish(draft)
    services.notes.sign(services.notes.write(person.id, "Signed words").id, PASSWORD)
    services.notes.write(person.id, "Words of a draft")
    return person


def test_the_plan_tells_what_goes_and_what_stays(clinic: FakeClinic, patient: Patient) -> None:
    plan = clinic.services.erasures.plan(patient.id)
    assert (plan.images, plan.drafts, plan.unsigned_notes, plan.contact_details) == (2, 1, 1, True)
    assert (plan.kept_screenings, plan.kept_notes, plan.open_safety) == (1, 1, False)
    assert "GDPR article 17(3)" in plan.kept_by_law
    assert patient.family_name not in plan.summary


def test_the_plan_and_the_record_say_plainly_what_is_left_behind(
    clinic: FakeClinic, patient: Patient
) -> None:
    erasures = clinic.services.erasures
    plan = erasures.plan(patient.id)
    done = erasures.complete(erasures.ask(patient.id).id, PASSWORD)
    for told in (plan.kept_by_law, plan.summary, done.decision):
        assert "Earlier versions" in told
        assert "in the encrypted change log and in backups" in told
        assert "feedback" in told.lower()


def test_the_record_speaks_of_nothing_else_where_nothing_was_counted(clinic: FakeClinic) -> None:
    patient = clinic.services.patients.register(NewPatient("Bello", "Ada", date(1988, 2, 3)))
    assert "Kept by law: what documents care." in clinic.services.erasures.plan(patient.id).summary


def test_carrying_out_removes_what_the_law_does_not_keep(
    clinic: FakeClinic, patient: Patient
) -> None:
    erasures, tables = clinic.services.erasures, clinic.store.tables
    request = erasures.ask(patient.id, "asked by letter")
    with pytest.raises(WrongPassword):
        erasures.complete(request.id, "not the password")
    done = erasures.complete(request.id, PASSWORD)
    tables = clinic.store.tables
    assert done.state is ErasureState.COMPLETED
    assert done.decision.startswith(
        "Removed: image pairs 2, drafts 1, unsigned notes 1, contact details; consent withdrawn:"
    )
    assert "Kept by law: screenings 1, signed notes 1, what else" in done.decision
    assert "forms" not in done.decision, "nobody had begun one"
    assert (tables.images, tables.drafts) == ({}, {})
    assert len(tables.screenings) == 1
    assert sorted(note.text for note in tables.notes.values()) == ["", "Signed words"]
    assert tables.patients[patient.id].phone == ""
    assert set(current_consent(tables.consents).values()) == {False}
    assert clinic.services.erasures.of_patient(patient.id) == [done]


def test_an_erasure_withdraws_also_what_a_fast_clock_granted(
    clinic: FakeClinic, patient: Patient
) -> None:
    given = clinic.store.tables.consents
    given[:] = [replace(one, recorded_at=one.recorded_at + timedelta(days=3650)) for one in given]
    erasures = clinic.services.erasures
    erasures.complete(erasures.ask(patient.id).id, PASSWORD)
    assert set(current_consent(clinic.store.tables.consents).values()) == {False}


def test_a_refusal_needs_a_reason_and_removes_nothing(clinic: FakeClinic, patient: Patient) -> None:
    erasures = clinic.services.erasures
    request = erasures.ask(patient.id)
    with pytest.raises(InvalidInput):
        erasures.refuse(request.id, "  ", PASSWORD)
    refused = erasures.refuse(request.id, "A complaint is being handled.", PASSWORD)
    assert (refused.state, refused.decision) == (
        ErasureState.REFUSED,
        "A complaint is being handled.",
    )
    assert len(clinic.store.tables.images) == 2
    assert [one.id for one in erasures.requests().rows] == [request.id]


def test_a_request_is_decided_once_and_asked_for_once_at_a_time(
    clinic: FakeClinic, patient: Patient
) -> None:
    erasures = clinic.services.erasures
    request = erasures.ask(patient.id)
    with pytest.raises(WrongState):
        erasures.ask(patient.id)
    erasures.refuse(request.id, "Not yet.", PASSWORD)
    for decide in (
        lambda: erasures.complete(request.id, PASSWORD),
        lambda: erasures.refuse(request.id, "Again.", PASSWORD),
    ):
        with pytest.raises(WrongState):
            decide()
    assert erasures.ask(patient.id).state is ErasureState.ASKED


def test_open_safety_steps_come_first(clinic: FakeClinic, patient: Patient) -> None:
    draft = clinic.store.tables.drafts
    clinic.services.screenings.answer(
        next(iter(draft)), InstrumentName.PHQ9, 8, 2, AnsweredBy.PATIENT
    )
    request = clinic.services.erasures.ask(patient.id)
    with pytest.raises(WrongState, match="Safety steps"):
        clinic.services.erasures.complete(request.id, PASSWORD)
    assert len(clinic.store.tables.drafts) == 1
    assert len(clinic.store.tables.images) == 2


def test_staff_ask_and_administrators_decide(clinic: FakeClinic, patient: Patient) -> None:
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.COUNSELOR)
    erasures = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD).erasures
    request = erasures.ask(patient.id)
    for decide in (
        erasures.requests,
        lambda: erasures.plan(patient.id),
        lambda: erasures.refuse(request.id, "No.", COLLEAGUE_PASSWORD),
        lambda: erasures.complete(request.id, COLLEAGUE_PASSWORD),
    ):
        with pytest.raises(AccessDenied):
            decide()

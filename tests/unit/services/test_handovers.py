"""Handing work over, and the receipt."""

from __future__ import annotations

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import AccessDenied, InvalidInput, NotFound, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Role, StaffUser
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.services.tasks import NewTask
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, FakeClinic


@pytest.fixture
def tomas(clinic: FakeClinic) -> StaffUser:
    return clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)


def test_a_handover_stays_open_until_the_colleague_receives_it(
    clinic: FakeClinic, tomas: StaffUser
) -> None:
    patient = clinic.add_patient()
    given = clinic.services.handovers.give("Call her on Friday.", tomas.id, [patient.id])
    assert given.open
    assert clinic.services.handovers.waiting() == []
    with pytest.raises(WrongState):
        clinic.services.handovers.receive(given.id)
    services = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    (row,) = services.handovers.waiting()
    assert (row.from_name, row.to_name) == ("Amina Diallo", "Tomas")
    assert row.patients == (patient,)
    received = services.handovers.receive(given.id, "Will do.")
    assert (received.received_by, received.receipt) == (tomas.id, "Will do.")
    assert services.handovers.waiting() == []
    with pytest.raises(WrongState):
        services.handovers.receive(given.id)
    (shown,) = services.handovers.newest().rows
    assert shown.received_name == "Tomas"


def test_a_handover_to_whoever_takes_over_is_received_by_one_of_them(
    clinic: FakeClinic, tomas: StaffUser
) -> None:
    given = clinic.services.handovers.give("The keys are in the drawer.")
    assert clinic.services.handovers.waiting() == []
    services = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    assert [row.to_name for row in services.handovers.waiting()] == [""]
    assert services.handovers.receive(given.id).received_by == tomas.id


def test_nobody_receives_what_is_meant_for_somebody_else(
    clinic: FakeClinic, tomas: StaffUser
) -> None:
    clinic.add_staff("ines", "a third long phrase", Role.COUNSELOR)
    given = clinic.services.handovers.give("For Tomas.", tomas.id)
    services = clinic.sign_in("ines", "a third long phrase")
    assert services.handovers.waiting() == []
    with pytest.raises(WrongState):
        services.handovers.receive(given.id)


def test_a_handover_needs_words_known_people_and_a_colleague_who_works_here(
    clinic: FakeClinic,
) -> None:
    handovers, me = clinic.services.handovers, clinic.services.session.user
    gone = clinic.add_staff("ines", "a third long phrase", Role.COUNSELOR, active=False)
    for to_user in (me.id, gone.id, new_id()):
        with pytest.raises(InvalidInput):
            handovers.give("Call her.", to_user)
    with pytest.raises(InvalidInput):
        handovers.give(" \n ")
    with pytest.raises(InvalidInput):
        handovers.give("Call them.", None, [new_id() for _ in range(51)])
    with pytest.raises(NotFound):
        handovers.give("Call her.", None, [new_id()])
    assert handovers.newest().rows == ()
    assert handovers.colleagues() == []


def test_open_safety_flows_are_suggested_before_the_people_of_own_tasks(
    clinic: FakeClinic, tomas: StaffUser
) -> None:
    services, me = clinic.services, clinic.services.session.user
    with_task, with_flow, other = (clinic.add_patient(name) for name in ("A", "B", "C"))
    services.tasks.add(NewTask("call", owner=me.id, patient_id=with_task.id))
    services.tasks.add(NewTask("write", owner=me.id, patient_id=with_task.id))
    services.tasks.add(NewTask("call", owner=tomas.id, patient_id=other.id))
    services.screenings.record_questionnaire(
        with_flow.id, InstrumentName.PHQ9, (0,) * 8 + (1,), AnsweredBy.PATIENT
    )
    found = services.handovers.suggestions()
    assert [(one.patient, one.safety_open, one.tasks) for one in found] == [
        (with_flow, True, 0),
        (with_task, False, 2),
    ]


def test_giving_and_receiving_are_audited_without_the_words(
    clinic: FakeClinic, tomas: StaffUser
) -> None:
    given = clinic.services.handovers.give("Unmistakable words.", tomas.id)
    clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD).handovers.receive(given.id, "Unmistakable too.")
    trail = [entry for entry in clinic.store.tables.audit if entry.subject == "handover"]
    assert [entry.kind for entry in trail] == [AuditKind.CREATED, AuditKind.CHANGED]
    assert not any("Unmistakable" in entry.detail for entry in clinic.store.tables.audit)


def test_a_patient_with_the_laptop_reaches_no_handover(clinic: FakeClinic) -> None:
    clinic.services.session.hand_over(clinic.add_patient().id)
    handovers = clinic.services.handovers
    for call in (handovers.waiting, handovers.newest, handovers.colleagues, handovers.suggestions):
        with pytest.raises(AccessDenied):
            call()
    with pytest.raises(AccessDenied):
        handovers.give("Hello.")

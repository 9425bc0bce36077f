"""Who asks for appointments and sees them, and what the audit trail has of it."""

from __future__ import annotations

from uuid import UUID

import pytest

from clinic_app.domain.access import Action
from clinic_app.domain.appointments import RequestedBy
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import AccessDenied, NotSignedIn
from clinic_app.domain.people import Patient
from clinic_app.services.appointments import AppointmentService, NewAppointment
from tests.fakes.clinic import FakeClinic
from tests.unit.services.appointments.calendar import MONDAY, TEN


def test_a_patient_at_the_laptop_asks_and_sees_only_their_own(
    clinic: FakeClinic, book: AppointmentService, chidi: Patient, bo: Patient, me: UUID
) -> None:
    book.book(NewAppointment(bo.id, start=TEN, clinician_id=me))
    clinic.services.session.hand_over(chidi.id)
    free = book.free_times(patient_id=chidi.id, clinician_id=me)
    assert TEN not in [one.start for one in free]
    asked = book.request(NewAppointment(chidi.id, "please", free[0].start, clinician_id=me))
    assert asked.requested_by is RequestedBy.PATIENT
    assert [row.appointment.id for row in book.of_patient(chidi.id)] == [asked.id]
    for refused in (
        lambda: book.approve(asked.id),
        lambda: book.cancel(asked.id),
        lambda: book.request(NewAppointment(bo.id)),
        lambda: book.of_patient(bo.id),
        lambda: book.free_times(patient_id=bo.id),
        lambda: book.today(),
        lambda: book.calendar(MONDAY),
        lambda: book.get(asked.id),
        lambda: book.export(MONDAY, 7),
    ):
        with pytest.raises(AccessDenied):
            refused()


def test_a_locked_window_shows_no_appointments(
    clinic: FakeClinic, book: AppointmentService
) -> None:
    clinic.services.session.lock()
    for look in (book.today, book.requested, lambda: book.calendar(MONDAY)):
        with pytest.raises(NotSignedIn):
            look()
    refused = [one for one in clinic.store.tables.audit if one.kind is AuditKind.REFUSED]
    assert {one.detail for one in refused} == {Action.SEE_APPOINTMENTS.value}


def test_every_step_is_audited_without_its_words(
    clinic: FakeClinic, book: AppointmentService, chidi: Patient
) -> None:
    asked = book.request(NewAppointment(chidi.id, "Unmistakable words", TEN))
    book.approve(asked.id, text="Unmistakable words")
    book.cancel(asked.id, "Unmistakable words")
    trail = [one for one in clinic.store.tables.audit if one.subject == "appointment"]
    assert [one.kind for one in trail] == [AuditKind.CREATED] + [AuditKind.CHANGED] * 2
    assert [one.detail for one in trail] == ["", "approved", "cancelled"]

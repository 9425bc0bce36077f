"""Appointments: asked for, decided, moved, and what cannot be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from clinic_app.domain.appointments import AppointmentState, RequestedBy
from clinic_app.domain.errors import AccessDenied, InvalidInput, NotFound, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Patient, Role, StaffUser
from clinic_app.services.appointments import AppointmentService, NewAppointment
from clinic_app.services.availability import NotAvailable
from tests.fakes.clinic import PASSWORD, FakeClinic
from tests.unit.services.appointments.calendar import TEN


def test_a_request_waits_until_it_is_approved(
    book: AppointmentService, chidi: Patient, me: UUID
) -> None:
    asked = book.request(NewAppointment(chidi.id, " cannot  sleep ", TEN, clinician_id=me))
    assert (asked.state, asked.reason) == (AppointmentState.REQUESTED, "cannot sleep")
    assert asked.requested_by is RequestedBy.STAFF
    assert [row.appointment.id for row in book.requested().rows] == [asked.id]
    booked = book.approve(asked.id)
    assert booked.state is AppointmentState.APPROVED
    assert booked.slot is not None
    assert (booked.slot.start, booked.slot.minutes, booked.slot.clinician_id) == (TEN, 50, me)
    assert book.requested().rows == ()


def test_a_request_for_somebody_who_has_left_is_booked_with_a_colleague_alone(
    clinic: FakeClinic, book: AppointmentService, chidi: Patient, me: UUID
) -> None:
    left = clinic.add_staff("nadia", "amber-window-tide", Role.DOCTOR)
    asked = book.request(NewAppointment(chidi.id, start=TEN, clinician_id=left.id))
    clinic.services.staff.disable(left.id, PASSWORD)
    with pytest.raises(InvalidInput, match="sees people here"):
        book.approve(asked.id)
    assert book.get(asked.id).row.appointment.state is AppointmentState.REQUESTED
    booked = book.approve(asked.id, clinician_id=me)
    assert booked.slot is not None
    assert booked.slot.clinician_id == me


def test_a_denial_needs_its_reason(book: AppointmentService, chidi: Patient) -> None:
    asked = book.request(NewAppointment(chidi.id))
    with pytest.raises(InvalidInput, match="why"):
        book.deny(asked.id, "  ")
    assert book.deny(asked.id, "Seen elsewhere").state_text == "Seen elsewhere"
    with pytest.raises(WrongState, match="was denied; it cannot be approved now"):
        book.approve(asked.id, start=TEN)


def test_another_time_books_a_request_and_keeps_both_steps(
    book: AppointmentService, chidi: Patient, me: UUID
) -> None:
    asked = book.request(NewAppointment(chidi.id, start=TEN))
    moved = book.reschedule(
        asked.id, TEN + timedelta(hours=2), minutes=30, clinician_id=me, text="too early"
    )
    assert moved.slot is not None
    assert (moved.slot.minutes, moved.rescheduled) == (30, True)
    history = book.get(asked.id).history
    assert [line.event.kind.value for line in history] == ["requested", "rescheduled"]
    assert [line.by_name for line in history] == ["Amina Diallo", "Amina Diallo"]
    assert [line.starts and line.starts.hour for line in history] == [10, 12]
    assert history[1].clinician_name == "Amina Diallo"
    assert history[1].event.text == "too early"


def test_without_a_time_it_goes_to_the_wait_list(
    book: AppointmentService, chidi: Patient, me: UUID
) -> None:
    asked = book.request(NewAppointment(chidi.id, "any day"))
    wished = book.request(NewAppointment(chidi.id, start=TEN, clinician_id=me, wait_list=True))
    assert [row.appointment.id for row in book.requested(wait_list=True).rows] == [
        asked.id,
        wished.id,
    ]
    assert book.requested(wait_list=False).rows == ()
    with pytest.raises(InvalidInput) as error:
        book.approve(asked.id)
    assert error.value.field == "slot"
    assert not book.approve(asked.id, start=TEN).wait_list
    with pytest.raises(InvalidInput, match="choose a time"):
        book.request(NewAppointment(chidi.id, clinician_id=me))


def test_an_overlap_names_the_clinician_and_the_time(
    book: AppointmentService, chidi: Patient, bo: Patient, me: UUID
) -> None:
    book.book(NewAppointment(chidi.id, start=TEN, clinician_id=me))
    with pytest.raises(WrongState) as error:
        book.book(NewAppointment(bo.id, start=TEN + timedelta(minutes=49), clinician_id=me))
    sentence = "Amina Diallo already has an appointment on Tuesday, 3 Mar 2026, 10:00 to 10:50."
    assert str(error.value) == sentence
    assert "Okafor" not in str(error.value)
    after = book.book(NewAppointment(bo.id, start=TEN + timedelta(minutes=50), clinician_id=me))
    with pytest.raises(WrongState, match="already has"):
        book.reschedule(after.id, TEN)
    with pytest.raises(WrongState, match="already has"):
        book.request(NewAppointment(bo.id, start=TEN, clinician_id=me))
    waiting = book.request(NewAppointment(bo.id, start=TEN, clinician_id=me, wait_list=True))
    with pytest.raises(WrongState, match="already has"):
        book.approve(waiting.id)
    book.cancel(after.id)
    assert book.reschedule(waiting.id, TEN + timedelta(minutes=50)).holds_time


def test_a_person_cannot_be_with_two_clinicians_at_once(
    book: AppointmentService, chidi: Patient, me: UUID, tomas: StaffUser
) -> None:
    book.book(NewAppointment(chidi.id, start=TEN, clinician_id=me))
    with pytest.raises(WrongState) as error:
        book.book(NewAppointment(chidi.id, start=TEN, clinician_id=tomas.id))
    assert str(error.value) == (
        "This person already has an appointment on Tuesday, 3 Mar 2026, 10:00 to 10:50"
        " with Amina Diallo."
    )


def test_moving_a_little_does_not_collide_with_itself(
    book: AppointmentService, chidi: Patient, me: UUID
) -> None:
    booked = book.book(NewAppointment(chidi.id, start=TEN, clinician_id=me))
    moved = book.reschedule(booked.id, TEN + timedelta(minutes=15))
    assert moved.slot is not None
    assert moved.slot.start == TEN + timedelta(minutes=15)


def test_days_that_have_passed_are_not_booked(
    clinic: FakeClinic, book: AppointmentService, chidi: Patient
) -> None:
    with pytest.raises(WrongState, match="Sunday, 1 Mar 2026, 10:00 to 10:50 has passed"):
        book.book(NewAppointment(chidi.id, start=TEN - timedelta(days=2)))
    walked_in = book.book(NewAppointment(chidi.id, start=TEN - timedelta(days=1, hours=3)))
    assert book.complete(walked_in.id).state is AppointmentState.COMPLETED
    clinic.clock.advance(days=3)
    with pytest.raises(WrongState, match="has passed"):
        book.request(NewAppointment(chidi.id, start=TEN))


def test_nobody_misses_what_has_not_begun(
    clinic: FakeClinic, book: AppointmentService, chidi: Patient
) -> None:
    booked = book.book(NewAppointment(chidi.id, start=TEN))
    with pytest.raises(WrongState, match="not begun"):
        book.no_show(booked.id)
    with pytest.raises(WrongState, match="later day"):
        book.complete(booked.id)
    clinic.clock.advance(days=1, hours=2)
    assert book.no_show(booked.id).state is AppointmentState.NO_SHOW
    assert book.complete(booked.id, "came late").state is AppointmentState.COMPLETED
    with pytest.raises(WrongState, match="has taken place; it cannot be moved now"):
        book.reschedule(booked.id, TEN + timedelta(days=7))


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (lambda one: NewAppointment(one, start=TEN, minutes=1441), "minutes"),
        (lambda one: NewAppointment(one, start=TEN, minutes=-5), "minutes"),
        (lambda one: NewAppointment(one, start=TEN, clinician_id=new_id()), "clinician"),
        (lambda one: NewAppointment(one, start=TEN.replace(tzinfo=None)), "start"),
        (lambda one: NewAppointment(one, start=TEN.replace(year=2300)), "start"),
        (lambda one: NewAppointment(one, "x" * 501, TEN), "text"),
    ],
)
def test_what_cannot_be_is_not_stored(
    clinic: FakeClinic,
    book: AppointmentService,
    chidi: Patient,
    new: Callable[[UUID], NewAppointment],
    field: str,
) -> None:
    for ask in (book.request, book.book):
        with pytest.raises(InvalidInput) as error:
            ask(new(chidi.id))
        assert error.value.field == field
    assert clinic.store.tables.appointments == []


def test_unknown_people_and_appointments_are_said_so(book: AppointmentService) -> None:
    for act in (
        lambda: book.request(NewAppointment(new_id())),
        lambda: book.get(new_id()),
        lambda: book.cancel(new_id()),
        lambda: book.of_patient(new_id()),
    ):
        with pytest.raises(NotFound):
            act()


def test_a_collision_that_came_from_another_laptop_is_flagged_and_can_be_put_right(
    clinic: FakeClinic, book: AppointmentService, chidi: Patient, bo: Patient, me: UUID
) -> None:
    mine = book.book(NewAppointment(chidi.id, start=TEN, clinician_id=me))
    theirs = book.book(
        NewAppointment(bo.id, start=TEN + timedelta(hours=3), clinician_id=me, minutes=30)
    )
    event = theirs.events[0]
    assert event.slot is not None
    with clinic.store.unit_of_work() as work:  # another laptop moved it without seeing mine
        moved = replace(
            event,
            id=new_id(),
            kind=type(event.kind).RESCHEDULED,
            slot=replace(event.slot, start=TEN + timedelta(minutes=20)),
        )
        work.appointments.add(moved)
        work.commit()
    details = book.get(mine.id)
    assert details.row.appointment.conflicting
    assert [row.patient_name for row in details.conflicts] == ["Aalto, Bo"]
    book.reschedule(theirs.id, TEN + timedelta(hours=4))
    assert book.get(mine.id).conflicts == ()


def test_booking_outside_the_hours_asks_first(
    clinic: FakeClinic, book: AppointmentService, chidi: Patient, me: UUID
) -> None:
    clinic.services.availability.set_hours(me, [])
    new = NewAppointment(chidi.id, start=TEN, clinician_id=me)
    with pytest.raises(NotAvailable) as error:
        book.book(new)
    assert str(error.value) == (
        "Amina Diallo does not see people on Tuesday, 3 Mar 2026, 10:00 to 10:50."
    )
    assert book.book(new, anyway=True).holds_time


def test_what_was_closed_without_a_time_is_in_a_list_of_its_own(
    clinic: FakeClinic, book: AppointmentService, chidi: Patient, bo: Patient
) -> None:
    denied = book.request(NewAppointment(chidi.id, "any day"))
    clinic.clock.advance(minutes=1)
    withdrawn = book.request(NewAppointment(bo.id, "any day"))
    waiting = book.request(NewAppointment(chidi.id, "soon"))
    book.deny(denied.id, "Not our field")
    book.cancel(withdrawn.id)
    closed = [row.appointment.id for row in book.closed_without_time().rows]
    assert closed == [withdrawn.id, denied.id]
    own = [row.appointment.id for row in book.of_patient(chidi.id)]
    assert own == [waiting.id, denied.id]
    clinic.services.session.hand_over(chidi.id)
    assert [row.appointment.id for row in book.of_patient(chidi.id)] == own
    with pytest.raises(AccessDenied):
        book.closed_without_time()

"""Appointments: asking, deciding, moving, series, overlaps, and whose clocks count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from clinic_app.domain.access import Action
from clinic_app.domain.appointments import Appointment, AppointmentState, RequestedBy
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import AccessDenied, InvalidInput, NotFound, NotSignedIn, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Patient, Role, StaffUser
from clinic_app.domain.schedule import Frequency, to_utc
from clinic_app.services.appointments import AppointmentService, NewAppointment, Repeat
from clinic_app.services.availability import NotAvailable
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, FakeClinic

MONDAY = date(2026, 3, 2)
local = datetime.fromisoformat
TEN = datetime(2026, 3, 3, 10, tzinfo=UTC)


@pytest.fixture
def book(clinic: FakeClinic) -> AppointmentService:
    return clinic.services.appointments


@pytest.fixture
def me(clinic: FakeClinic) -> UUID:
    return clinic.services.session.user.id


@pytest.fixture
def tomas(clinic: FakeClinic) -> StaffUser:
    return clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)


@pytest.fixture
def chidi(clinic: FakeClinic) -> Patient:
    return clinic.add_patient()


@pytest.fixture
def bo(clinic: FakeClinic) -> Patient:
    return clinic.add_patient("Aalto", "Bo", date(1970, 1, 1))


def in_zone(clinic: FakeClinic, zone: str) -> None:
    with clinic.store.unit_of_work() as work:
        work.clinic.save(replace(work.clinic.get(), time_zone=zone))
        work.commit()


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


# --- series ----------------------------------------------------------------------------------


def test_a_series_is_rows_of_their_own(book: AppointmentService, chidi: Patient, me: UUID) -> None:
    new = NewAppointment(chidi.id, "therapy", TEN, clinician_id=me)
    made, left_out = book.book_series(new, Repeat(Frequency.WEEKLY, 4))
    assert left_out == []
    assert len({one.id for one in made}) == 4
    assert len({one.series_id for one in made}) == 1
    assert _starts(made) == [TEN + timedelta(weeks=week) for week in range(4)]
    book.cancel(made[1].id)
    assert book.get(made[2].id).row.appointment.state is AppointmentState.APPROVED


def test_a_series_is_booked_whole_or_not_at_all(
    clinic: FakeClinic, book: AppointmentService, chidi: Patient, bo: Patient, me: UUID
) -> None:
    book.book(NewAppointment(bo.id, start=TEN + timedelta(weeks=1), clinician_id=me))
    before = len(clinic.store.tables.appointments)
    new = NewAppointment(chidi.id, start=TEN, clinician_id=me)
    with pytest.raises(WrongState, match="Tuesday, 10 Mar 2026"):
        book.book_series(new, Repeat(Frequency.WEEKLY, 3))
    assert len(clinic.store.tables.appointments) == before
    made, left_out = book.book_series(new, Repeat(Frequency.WEEKLY, 3), leave_out_taken=True)
    assert _starts(made) == [TEN, TEN + timedelta(weeks=2)]
    assert [str(one) for one in left_out] == [
        "Amina Diallo already has an appointment on Tuesday, 10 Mar 2026, 10:00 to 10:50."
    ]


def test_a_series_that_overlaps_itself_is_refused(book: AppointmentService, chidi: Patient) -> None:
    new = NewAppointment(chidi.id, start=TEN, minutes=1440)
    made, _ = book.book_series(new, Repeat(Frequency.DAILY, 2))
    assert len(made) == 2
    with pytest.raises(InvalidInput):
        book.book_series(new, Repeat(Frequency.DAILY, 105))


# --- clocks ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "first", "weeks", "hours"),
    [
        # Berlin goes forward on 29 March 2026: nine o'clock is 08:00 UTC, then 07:00.
        ("Europe/Berlin", local("2026-03-23 09:00"), 2, [8, 7]),
        # and back on 25 October.
        ("Europe/Berlin", local("2026-10-19 09:00"), 2, [7, 8]),
        ("Asia/Phnom_Penh", local("2026-03-23 09:00"), 2, [2, 2]),
        ("America/Sao_Paulo", local("2026-10-19 09:00"), 2, [12, 12]),
    ],
)
def test_a_series_keeps_its_time_of_day_when_the_clocks_change(
    clinic: FakeClinic,
    book: AppointmentService,
    chidi: Patient,
    zone: str,
    first: datetime,
    weeks: int,
    hours: list[int],
) -> None:
    in_zone(clinic, zone)
    new = NewAppointment(chidi.id, start=to_utc(first, zone))
    made, _ = book.book_series(new, Repeat(Frequency.WEEKLY, weeks))
    assert [start.hour for start in _starts(made)] == hours
    rows = [book.get(one.id).row for one in made]
    assert [row.starts and row.starts.strftime("%H:%M") for row in rows] == ["09:00"] * weeks


def test_sao_paulo_once_skipped_midnight_and_the_day_still_begins(
    clinic: FakeClinic, book: AppointmentService, chidi: Patient
) -> None:
    # On 4 November 2018 the clocks of São Paulo went from 24:00 straight to 01:00.
    clinic.clock.moment = datetime(2018, 11, 1, tzinfo=UTC)
    in_zone(clinic, "America/Sao_Paulo")
    start = to_utc(local("2018-11-04 00:30"), "America/Sao_Paulo")
    booked = book.book(NewAppointment(chidi.id, start=start))
    row = book.get(booked.id).row
    assert row.starts is not None
    assert row.starts.strftime("%d %H:%M") == "04 01:30"
    shown = book.calendar(date(2018, 11, 4), 1)
    assert [one.appointment.id for one in shown.rows] == [booked.id]
    assert book.calendar(date(2018, 11, 3), 1).rows == ()


def test_the_hour_that_comes_twice_holds_two_appointments_that_do_not_overlap(
    clinic: FakeClinic, book: AppointmentService, chidi: Patient, bo: Patient, me: UUID
) -> None:
    in_zone(clinic, "Europe/Berlin")
    first = to_utc(local("2026-10-25 02:15"), "Europe/Berlin")
    second = first + timedelta(hours=1)
    made = [
        book.book(NewAppointment(who.id, start=at, clinician_id=me, minutes=45))
        for who, at in ((chidi, first), (bo, second))
    ]
    rows = [book.get(one.id).row for one in made]
    assert [row.starts and row.starts.strftime("%H:%M") for row in rows] == ["02:15", "02:15"]
    assert not any(row.appointment.conflicting for row in rows)
    assert len(book.calendar(date(2026, 10, 25), 1).rows) == 2  # a day of 25 hours


def test_today_is_the_day_on_the_clinics_clocks(
    clinic: FakeClinic, book: AppointmentService, chidi: Patient
) -> None:
    clinic.clock.moment = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
    late = book.book(NewAppointment(chidi.id, start=datetime(2026, 3, 2, 20, tzinfo=UTC)))
    assert [row.appointment.id for row in book.today()] == [late.id]
    in_zone(clinic, "Asia/Phnom_Penh")  # 01:00 of the next day there; the appointment is at 03:00
    (row,) = book.today()
    assert row.starts is not None
    assert row.starts.strftime("%d %H:%M") == "03 03:00"
    in_zone(clinic, "Pacific/Pago_Pago")  # 07:00 and 09:00 of the same day
    assert len(book.today()) == 1


def test_today_leaves_out_what_is_off(
    book: AppointmentService, chidi: Patient, me: UUID, tomas: StaffUser
) -> None:
    today = TEN - timedelta(days=1)
    kept = book.book(NewAppointment(chidi.id, start=today, clinician_id=me))
    gone = book.book(NewAppointment(chidi.id, start=today + timedelta(hours=1)))
    book.cancel(gone.id, "ill")
    other = book.book(
        NewAppointment(chidi.id, start=today + timedelta(hours=2), clinician_id=tomas.id)
    )
    book.book(NewAppointment(chidi.id, start=TEN))
    assert [row.appointment.id for row in book.today()] == [kept.id, other.id]
    assert [row.clinician_name for row in book.today(tomas.id)] == ["Tomas"]


# --- what arrives from elsewhere -------------------------------------------------------------


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


# --- who may ---------------------------------------------------------------------------------


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


def _starts(made: list[Appointment]) -> list[datetime]:
    return [one.slot.start for one in made if one.slot is not None]


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

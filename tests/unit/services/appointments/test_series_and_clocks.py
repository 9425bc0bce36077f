"""Series of appointments, and whose clocks count."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from clinic_app.domain.appointments import AppointmentState
from clinic_app.domain.errors import InvalidInput, WrongState
from clinic_app.domain.people import Patient, StaffUser
from clinic_app.domain.schedule import Frequency, to_utc
from clinic_app.services.appointments import AppointmentService, NewAppointment, Repeat
from tests.fakes.clinic import FakeClinic
from tests.unit.services.appointments.calendar import TEN, in_zone, local, starts

# --- series ----------------------------------------------------------------------------------


def test_a_series_is_rows_of_their_own(book: AppointmentService, chidi: Patient, me: UUID) -> None:
    new = NewAppointment(chidi.id, "therapy", TEN, clinician_id=me)
    made, left_out = book.book_series(new, Repeat(Frequency.WEEKLY, 4))
    assert left_out == []
    assert len({one.id for one in made}) == 4
    assert len({one.series_id for one in made}) == 1
    assert starts(made) == [TEN + timedelta(weeks=week) for week in range(4)]
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
    assert starts(made) == [TEN, TEN + timedelta(weeks=2)]
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
    assert [start.hour for start in starts(made)] == hours
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

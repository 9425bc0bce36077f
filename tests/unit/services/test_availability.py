"""Hours of clinicians, absences, and the free times that follow from them."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from clinic_app.domain.errors import AccessDenied, InvalidInput, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Patient, Role, StaffUser
from clinic_app.domain.schedule import WeeklyHours
from clinic_app.services.appointments import NewAppointment
from clinic_app.services.availability import NotAvailable
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, FakeClinic
from tests.unit.services.appointments.calendar import in_zone

TEN = datetime(2026, 3, 3, 10, tzinfo=UTC)


@pytest.fixture
def me(clinic: FakeClinic) -> UUID:
    return clinic.services.session.user.id


@pytest.fixture
def tomas(clinic: FakeClinic) -> StaffUser:
    return clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)


@pytest.fixture
def chidi(clinic: FakeClinic) -> Patient:
    return clinic.add_patient()


def tuesday(opens: int, closes: int) -> WeeklyHours:
    return WeeklyHours(1, time(opens), time(closes))


def test_the_clinics_hours_stand_until_there_are_own_ones(clinic: FakeClinic, me: UUID) -> None:
    (before,) = clinic.services.availability.hours()
    assert (before.own, len(before.availability.hours)) == (False, 5)
    clinic.services.availability.set_hours(me, [tuesday(13, 18), tuesday(8, 12)])
    (after,) = clinic.services.availability.hours()
    assert after.own
    assert after.availability.hours == (tuesday(8, 12), tuesday(13, 18))


def test_hours_that_overlap_or_end_before_they_start_are_refused(
    clinic: FakeClinic, me: UUID
) -> None:
    for wrong in ([tuesday(8, 12), tuesday(11, 13)], [tuesday(12, 8)]):
        with pytest.raises(InvalidInput):
            clinic.services.availability.set_hours(me, wrong)
    assert not clinic.services.availability.hours()[0].own


def test_only_administrators_change_the_hours_of_somebody_else(
    clinic: FakeClinic, me: UUID, tomas: StaffUser
) -> None:
    clinic.services.availability.set_hours(tomas.id, [tuesday(8, 9)])
    absence = clinic.services.availability.add_absence(me, TEN, TEN + timedelta(days=1)).absence
    services = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD).availability
    services.set_hours(tomas.id, [tuesday(10, 12)])
    for refused in (
        lambda: services.set_hours(me, []),
        lambda: services.add_absence(me, TEN, TEN + timedelta(days=2)),
        lambda: services.take_back_absence(absence.id),
    ):
        with pytest.raises(AccessDenied):
            refused()


def test_an_absence_counts_whom_it_hits_and_can_be_taken_back(
    clinic: FakeClinic, me: UUID, chidi: Patient
) -> None:
    services, book = clinic.services.availability, clinic.services.appointments
    book.book(NewAppointment(chidi.id, start=TEN, clinician_id=me))
    made = services.add_absence(me, TEN - timedelta(hours=1), TEN + timedelta(hours=5), "course")
    assert made.booked == 1
    assert [one.reason for one in services.absences()] == ["course"]
    new = NewAppointment(chidi.id, start=TEN + timedelta(hours=2), clinician_id=me)
    with pytest.raises(NotAvailable, match="Amina Diallo is away on Tuesday, 3 Mar 2026"):
        book.book(new)
    services.take_back_absence(made.absence.id)
    assert services.absences() == []
    assert book.book(new).holds_time
    with pytest.raises(WrongState):
        services.take_back_absence(made.absence.id)


@pytest.mark.parametrize("length", [timedelta(0), timedelta(hours=-1), timedelta(days=800)])
def test_an_absence_that_cannot_be_is_refused(
    clinic: FakeClinic, me: UUID, length: timedelta
) -> None:
    with pytest.raises(InvalidInput):
        clinic.services.availability.add_absence(me, TEN, TEN + length)


@pytest.mark.parametrize("year", [MINYEAR, MAXYEAR])
def test_an_absence_that_no_record_names_is_refused(
    clinic: FakeClinic, me: UUID, year: int
) -> None:
    start = datetime(year, 6, 1, tzinfo=UTC)
    with pytest.raises(InvalidInput, match="too far away"):
        clinic.services.availability.add_absence(me, start, start + timedelta(days=1))


def test_free_times_leave_out_bookings_absences_and_what_has_passed(
    clinic: FakeClinic, me: UUID, chidi: Patient
) -> None:
    services, book = clinic.services.availability, clinic.services.appointments
    services.set_hours(me, [tuesday(9, 13)])
    services.add_absence(me, TEN + timedelta(hours=1), TEN + timedelta(hours=2))
    book.book(NewAppointment(chidi.id, start=TEN, minutes=30, clinician_id=me))
    found = book.free_times(clinician_id=me, minutes=30, limit=5)
    told = [one.starts.strftime("%d %H:%M") for one in found]
    assert told == ["03 09:00", "03 09:30", "03 10:30", "10 09:00", "10 09:30"]
    clinic.clock.moment = TEN.replace(hour=9, minute=20)
    assert book.free_times(clinician_id=me, minutes=30)[0].starts.strftime("%H:%M") == "09:30"


def test_free_times_of_anybody_come_by_start(
    clinic: FakeClinic, me: UUID, tomas: StaffUser
) -> None:
    services = clinic.services.availability
    services.set_hours(me, [tuesday(9, 11)])
    services.set_hours(tomas.id, [tuesday(8, 10)])
    found = clinic.services.appointments.free_times(minutes=60, limit=4)
    told = [(one.starts.hour, one.clinician_name) for one in found]
    assert told == [(8, "Tomas"), (9, "Amina Diallo"), (9, "Tomas"), (10, "Amina Diallo")]


@pytest.mark.parametrize("day", [date.max, date(2200, 1, 1), date.min])
def test_free_times_are_sought_within_the_calendar(clinic: FakeClinic, me: UUID, day: date) -> None:
    clinic.services.availability.set_hours(me, [tuesday(9, 11)])
    with pytest.raises(InvalidInput, match="from 1900 to 2199"):
        clinic.services.appointments.free_times(minutes=60, first_day=day, limit=100)


def test_free_times_suit_the_person_too(
    clinic: FakeClinic, me: UUID, tomas: StaffUser, chidi: Patient
) -> None:
    clinic.services.availability.set_hours(me, [tuesday(10, 12)])
    book = clinic.services.appointments
    book.book(NewAppointment(chidi.id, start=TEN, minutes=60, clinician_id=tomas.id))
    free = book.free_times(clinician_id=me, patient_id=chidi.id, minutes=60, limit=1)
    assert free[0].starts.hour == 11
    assert book.free_times(clinician_id=me, minutes=60, limit=1)[0].starts.hour == 10


def test_nobody_who_never_sees_people_is_offered(clinic: FakeClinic, me: UUID) -> None:
    clinic.services.availability.set_hours(me, [])
    assert clinic.services.appointments.free_times(clinician_id=me) == []


@pytest.mark.parametrize(
    ("zone", "day", "utc_hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), [0, 1]),  # 01:00, and 03:00 as 02:00 is skipped
        ("Europe/Berlin", date(2026, 10, 25), [23, 0, 1, 2]),  # 01:00, 02:00, 02:00, 03:00
        ("Asia/Phnom_Penh", date(2026, 3, 29), [18, 19, 20]),
    ],
)
def test_a_night_in_which_the_clocks_change_has_fewer_or_more_free_hours(
    clinic: FakeClinic, me: UUID, zone: str, day: date, utc_hours: list[int]
) -> None:
    in_zone(clinic, zone)
    clinic.services.availability.set_hours(me, [WeeklyHours(6, time(1), time(4))])
    shown = clinic.services.appointments.calendar(day, 1)
    (span,) = shown.open
    hours = int((span[1] - span[0]) / timedelta(hours=1))
    assert hours == len(utc_hours)
    assert [(span[0] + timedelta(hours=one)).hour for one in range(hours)] == utc_hours
    found = clinic.services.appointments.free_times(minutes=60, first_day=day, limit=3)
    assert [one.start.hour for one in found] == utc_hours[:3] or len(utc_hours) < 3


def test_the_same_form_sent_twice_is_one_absence(clinic: FakeClinic, me: UUID) -> None:
    service, entry = clinic.services.availability, new_id()
    days = (TEN, TEN + timedelta(days=1))
    first = service.add_absence(me, *days, "course", entry_id=entry)
    assert service.add_absence(me, *days, "course", entry_id=entry) == first
    assert len(service.absences()) == 1
    with pytest.raises(WrongState, match="new form"):
        service.add_absence(me, *days, "another reason", entry_id=entry)

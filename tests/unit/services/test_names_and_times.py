"""Odd names and odd times through everything that lists, prints and exports them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.people import Patient
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.schedule import to_local, to_utc
from clinic_app.reports.renderer import open_report_renderer
from clinic_app.services.appointments import NewAppointment
from clinic_app.services.audit_data import EVERYTHING
from clinic_app.services.minors import taken_of_minor
from clinic_app.services.patients import NewPatient
from clinic_app.services.report_data import ReportKind
from tests.fakes.clinic import PASSWORD, FakeClinic
from tests.unit.reports.reading import page_texts

NAMES = [
    ("X", ""),
    ("Ö", "ö"),
    ("🙂", "👩‍👩‍👧"),
    ("محمد", "علي"),
    ("שרה", ""),
    ("𠮷野", "太郎"),
    ("x" * 80, "y" * 80),
    ("<b>Bo</b>", "&amp; =1+1"),
]
BIRTHS = [date(1900, 1, 1), date(2000, 2, 29), date(1904, 2, 29)]


def in_zone(clinic: FakeClinic, zone: str) -> None:
    with clinic.store.unit_of_work() as work:
        work.clinic.save(replace(work.clinic.get(), time_zone=zone))
        work.commit()


@pytest.mark.parametrize(("family", "given"), NAMES, ids=range(len(NAMES)))
def test_a_name_comes_back_as_typed_from_every_list(
    clinic: FakeClinic, family: str, given: str
) -> None:
    services = clinic.services
    patient = services.patients.register(NewPatient(family, given, BIRTHS[1]))
    assert (patient.family_name, patient.given_name) == (family, given)
    assert [row.patient.id for row in services.patients.search(family)] == [patient.id]
    start = clinic.clock() + timedelta(days=1)
    booked = services.appointments.book(
        NewAppointment(patient.id, start=start, minutes=30), anyway=True
    )
    details = services.appointments.get(booked.id)
    assert details.row.patient_name == patient.display_name
    (listed,) = services.worklist.page().rows
    assert listed.display_name == patient.display_name
    first = to_local(start, services.appointments.zone()).date()
    unnamed = services.appointments.export(first, 1).text
    assert "BEGIN:VEVENT" in unnamed
    if len(family) > 1 and family.isalpha():
        assert family not in unnamed


@pytest.mark.parametrize(("family", "given"), NAMES, ids=range(len(NAMES)))
@pytest.mark.parametrize("born", BIRTHS)
def test_every_report_about_a_person_prints_any_name_and_birth_date(
    family: str, given: str, born: date
) -> None:
    clinic = FakeClinic(renderer=open_report_renderer())  # type: ignore[arg-type]
    services = clinic.services
    patient = services.patients.register(NewPatient(family, given, born))
    draft = services.screenings.record_questionnaire(
        patient.id, InstrumentName.GAD7, (1,) * 7, AnsweredBy.PATIENT
    )
    services.screenings.finish(draft.id)
    kind = [ReportKind.SCREENING, ReportKind.HISTORY, ReportKind.PATIENT][BIRTHS.index(born)]
    text = " ".join(page_texts(services.reports.person(kind, patient.id).pdf))
    assert str(patient.id) in text


@pytest.mark.parametrize(
    ("zone", "wall"),
    [
        ("Europe/Berlin", "2026-03-29T02:30"),  # an hour that is left out
        ("Europe/Berlin", "2026-10-25T02:30"),  # an hour that comes twice
        ("Australia/Lord_Howe", "2026-10-04T02:15"),  # half an hour that is left out
        ("America/New_York", "2028-02-29T09:00"),
        ("Asia/Kathmandu", "2026-12-31T23:45"),
        ("UTC", "2100-02-28T23:30"),
    ],
)
def test_an_appointment_at_an_odd_time_is_found_on_its_day(
    clinic: FakeClinic, chidi: Patient, zone: str, wall: str
) -> None:
    in_zone(clinic, zone)
    book = clinic.services.appointments
    start = to_utc(datetime.fromisoformat(wall), zone)
    made = book.book(NewAppointment(chidi.id, start=start, minutes=30), anyway=True)
    assert made.slot is not None
    assert made.slot.start == start
    shown = to_local(start, zone)
    on_the_day = book.calendar(shown.date(), 1)
    assert [row.appointment.id for row in on_the_day.rows] == [made.id]
    (row,) = on_the_day.rows
    assert row.starts == shown
    assert row.ends is not None
    assert row.ends - shown == timedelta(minutes=30) or row.ends.utcoffset() != shown.utcoffset()
    assert "BEGIN:VEVENT" in book.export(shown.date(), 1).text


@pytest.mark.parametrize("first", [date(1900, 1, 1), date(2100, 2, 28), date(2199, 12, 31)])
def test_the_calendar_reaches_over_three_centuries(clinic: FakeClinic, first: date) -> None:
    in_zone(clinic, "Europe/Amsterdam")  # an offset of 19 minutes and 32 seconds in 1900
    found = clinic.services.appointments.calendar(first, 7)
    assert (found.first, found.rows) == (first, ())


@pytest.mark.parametrize("first", [date(1899, 12, 31), date(2200, 1, 1)])
def test_the_calendar_says_where_it_ends(clinic: FakeClinic, first: date) -> None:
    with pytest.raises(InvalidInput, match="1900 to 2199"):
        clinic.services.appointments.calendar(first, 1)


@pytest.fixture
def chidi(clinic: FakeClinic) -> Patient:
    return clinic.add_patient()


def test_reports_are_printed_on_the_clinics_clocks_whichever_laptop_prints(
    clinic: FakeClinic, chidi: Patient
) -> None:
    in_zone(clinic, "Asia/Kolkata")
    services, renderer = clinic.services, clinic.renderer
    draft = services.screenings.record_questionnaire(
        chidi.id, InstrumentName.GAD7, (1,) * 7, AnsweredBy.PATIENT
    )
    services.screenings.finish(draft.id)
    for kind in (ReportKind.HISTORY, ReportKind.PATIENT):
        services.reports.person(kind, chidi.id)
    services.reports.screening(draft.id)
    services.reports.worklist()
    services.reports.audit(EVERYTHING, PASSWORD)
    services.reports.feedback()
    printed = [*renderer.others, *renderer.rendered]
    assert {one.time_zone for one in printed} == {"Asia/Kolkata"}
    assert len(printed) == 6


def test_who_is_under_age_is_told_by_the_clinics_day(clinic: FakeClinic) -> None:
    in_zone(clinic, "America/New_York")
    turning = clinic.add_patient(birth_date=date(2008, 3, 3))
    clinic.clock.moment = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)  # nine in the evening before
    draft = clinic.services.screenings.start(turning.id)
    with clinic.store.unit_of_work() as work:
        assert taken_of_minor(work, draft)
    clinic.clock.advance(hours=4)
    clinic.services.screenings.abandon(draft.id)
    later = clinic.services.screenings.start(turning.id)
    with clinic.store.unit_of_work() as work:
        assert not taken_of_minor(work, later)


def test_the_next_appointment_on_paper_is_the_one_of_the_calendar(chidi_on_paper: str) -> None:
    assert "09:00" in chidi_on_paper
    assert "03:30" not in chidi_on_paper


@pytest.fixture
def chidi_on_paper() -> str:
    """What Chidi takes home with an appointment at nine in Kolkata."""
    clinic = FakeClinic(renderer=open_report_renderer())  # type: ignore[arg-type]
    in_zone(clinic, "Asia/Kolkata")
    patient = clinic.add_patient()
    start = to_utc(datetime.fromisoformat("2026-03-09T09:00"), "Asia/Kolkata")
    clinic.services.appointments.book(
        NewAppointment(patient.id, start=start, minutes=30), anyway=True
    )
    return " ".join(page_texts(clinic.services.reports.person(ReportKind.PATIENT, patient.id).pdf))

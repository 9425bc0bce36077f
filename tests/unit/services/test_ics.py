"""Calendar files: what RFC 5545 asks for, and what must not stand in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import InvalidInput, WrongPassword
from clinic_app.domain.people import Patient
from clinic_app.services.appointments import NewAppointment
from clinic_app.services.ics import escaped, folded, stamp
from tests.fakes.clinic import PASSWORD, FakeClinic

TEN = datetime(2026, 3, 3, 10, tzinfo=UTC)
MONDAY = date(2026, 3, 2)


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


@pytest.fixture
def chidi(clinic: FakeClinic) -> Patient:
    return clinic.add_patient()


@pytest.mark.parametrize(
    "line", ["", "x" * 75, "x" * 76, "SUMMARY:" + "ខ្មែរ" * 60, "🌳" * 100, "א" * 38, "x" * 5000]
)
def test_no_line_is_longer_than_75_octets_and_none_is_cut_within_a_character(line: str) -> None:
    pieces = list(folded(line))
    assert all(len(piece.encode()) <= 75 for piece in pieces)
    assert all(piece.startswith(" ") for piece in pieces[1:])
    assert pieces[0] + "".join(piece[1:] for piece in pieces[1:]) == line


def test_marks_of_the_format_are_escaped_and_controls_are_dropped() -> None:
    assert escaped("a;b,c\\d\r\ne\x07\nf") == "a\\;b\\,c\\\\d\\ne\\nf"


def test_a_name_cannot_smuggle_in_lines_of_its_own(clinic: FakeClinic) -> None:
    sly = clinic.add_patient("Sly\r\nEND:VEVENT", "X")
    clinic.services.appointments.book(NewAppointment(sly.id, start=TEN))
    text = clinic.services.appointments.export(MONDAY, 7, password=PASSWORD).text
    assert unfolded(text).count("END:VEVENT") == 1


def test_moments_are_written_in_utc() -> None:
    east = datetime.fromisoformat("2026-03-29T03:30:00+02:00")
    assert stamp(east) == "20260329T013000Z"


def test_an_event_keeps_its_identity_and_counts_its_steps(
    clinic: FakeClinic, chidi: Patient
) -> None:
    book = clinic.services.appointments
    me = clinic.services.session.user.id
    one = book.book(NewAppointment(chidi.id, "secret reason", TEN, clinician_id=me))
    first = unfolded(book.export(MONDAY, 7).text)
    book.reschedule(one.id, TEN + timedelta(hours=1))
    second = unfolded(book.export(MONDAY, 7).text)
    book.cancel(one.id, "secret reason")
    third = unfolded(book.export(MONDAY, 7).text)
    uid = f"UID:{one.id}@appointments.clinic-app"
    for lines, sequence, status in (
        (first, 1, "CONFIRMED"),
        (second, 2, "CONFIRMED"),
        (third, 3, "CANCELLED"),
    ):
        assert lines.count(uid) == 1
        assert f"SEQUENCE:{sequence}" in lines
        assert f"STATUS:{status}" in lines
        assert lines[0] == "BEGIN:VCALENDAR"
        assert lines[-2:] == ["END:VCALENDAR", ""]
        assert not any("secret" in line or "Okafor" in line for line in lines)
    assert "DTSTART:20260303T100000Z" in first
    assert "DTEND:20260303T115000Z" in second
    assert "DESCRIPTION:With Amina Diallo" in first
    assert "SUMMARY:Appointment · Harbour Clinic" in first


def test_the_same_records_make_the_same_file(clinic: FakeClinic, chidi: Patient) -> None:
    book = clinic.services.appointments
    book.book(NewAppointment(chidi.id, start=TEN))
    before = book.export(MONDAY, 30)
    clinic.clock.advance(days=1)
    assert book.export(MONDAY, 30) == before


def test_names_need_the_password_and_every_file_is_audited(
    clinic: FakeClinic, chidi: Patient
) -> None:
    book = clinic.services.appointments
    book.book(NewAppointment(chidi.id, start=TEN))
    with pytest.raises(WrongPassword):
        book.export(MONDAY, 7, password="not the password")
    named = book.export(MONDAY, 7, password=PASSWORD, patient_id=chidi.id)
    assert "SUMMARY:Okafor\\, Chidi · Harbour Clinic" in unfolded(named.text)
    book.export(MONDAY, 7)
    trail = [one for one in clinic.store.tables.audit if one.kind is AuditKind.EXPORTED]
    assert [one.detail for one in trail] == ["calendar file with names", "calendar file"]
    for days in (0, 732):
        with pytest.raises(InvalidInput):
            book.export(MONDAY, days)


def test_a_file_of_one_person_holds_the_merged_records_and_nobody_else(
    clinic: FakeClinic, chidi: Patient
) -> None:
    book = clinic.services.appointments
    twin = clinic.add_patient("Okafor", "Chidy")
    other = clinic.add_patient("Aalto", "Bo")
    for day, who in enumerate((chidi, twin, other)):
        book.book(NewAppointment(who.id, start=TEN + timedelta(days=day)))
    book.request(NewAppointment(chidi.id))  # without a time: not in any calendar
    clinic.services.merges.merge(twin.id, chidi.id, "same person")
    assert book.export(MONDAY, 30, patient_id=chidi.id).events == 2
    assert book.export(MONDAY, 30).events == 3


def test_what_reaches_over_midnight_of_sunday_stands_once(
    clinic: FakeClinic, chidi: Patient
) -> None:
    late = datetime(2026, 3, 8, 23, 30, tzinfo=UTC)
    clinic.services.appointments.book(NewAppointment(chidi.id, start=late))
    assert clinic.services.appointments.export(MONDAY, 30).events == 1


def test_a_very_long_clinic_name_is_folded(clinic: FakeClinic, chidi: Patient) -> None:
    with clinic.store.unit_of_work() as work:
        work.clinic.save(replace(work.clinic.get(), name="Ärzte " * 20, address="a; b, c"))
        work.commit()
    clinic.services.appointments.book(NewAppointment(chidi.id, start=TEN))
    text = clinic.services.appointments.export(MONDAY, 7).text
    assert max(len(line.encode()) for line in text.split("\r\n")) == 75
    assert "LOCATION:a\\; b\\, c" in unfolded(text)

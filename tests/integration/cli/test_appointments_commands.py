"""Appointments and hours from the command line, on a real store."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Role, StaffUser
from tests.integration.cli.clinic import USER, Run, open_store

NEXT = (datetime.now(UTC) + timedelta(days=7 - datetime.now(UTC).weekday())).date()
"""The coming Monday."""


def at(clock: str, days: int = 0) -> str:
    return f"{NEXT + timedelta(days=days)} {clock}"


@pytest.fixture
def booked(cli: Run, patient: str) -> str:
    made = cli(
        *("appointments", "request", "--patient", patient, "--start", at("10:00"), "--book"),
        *("--clinician", USER, "--reason", "first talk", "--json"),
    )
    assert made.json["state"] == "approved"
    return str(made.json["id"])


def test_a_request_is_listed_decided_and_kept_with_its_history(cli: Run, patient: str) -> None:
    key = cli("appointments", "request", "--patient", patient, "--start", at("10:00")).out.strip()
    (waiting,) = cli("appointments", "list", "--requested", "--json").json
    assert (waiting["id"], waiting["patient"]) == (key, "Okafor, Chidi")
    approved = cli("appointments", "decide", key, "--approve", "--clinician", USER, "--json")
    assert (approved.json["state"], approved.json["clinician"]) == ("approved", "Amina Diallo")
    moved = cli(
        *("appointments", "reschedule", key, "--start", at("11:30"), "--minutes", "30", "--json")
    )
    assert moved.json["start"].startswith(f"{NEXT}T11:30")
    assert cli("appointments", "cancel", key, "--reason", "ill").code == 0
    shown = cli("appointments", "show", key, "--json").json
    assert [one["event"] for one in shown["history"]] == [
        *("requested", "approved", "rescheduled", "cancelled")
    ]
    assert shown["state_text"] == "ill"
    assert "was cancelled" in cli("appointments", "decide", key, "--approve").trouble


def test_a_denial_is_listed_with_its_reason(cli: Run, patient: str) -> None:
    key = cli("appointments", "request", "--patient", patient).out.strip()
    assert cli("appointments", "decide", key).code == 2
    assert cli("appointments", "decide", key, "--approve", "--deny", "no").code == 2
    assert "choose a time" in cli("appointments", "decide", key, "--approve").trouble
    denied = cli("appointments", "decide", key, "--deny", "Not our field", "--json").json
    assert (denied["state"], denied["state_text"]) == ("denied", "Not our field")
    (closed,) = cli("appointments", "list", "--closed", "--json").json
    assert (closed["id"], closed["state_text"]) == (key, "Not our field")
    (own,) = cli("appointments", "list", "--patient", patient, "--json").json
    assert own["id"] == key


def test_a_taken_time_is_refused_in_one_sentence(cli: Run, patient: str, booked: str) -> None:
    other = cli(
        *("patients", "add", "--family-name", "Aalto", "--given-name", "Bo"),
        *("--birth-date", "1970-01-01", "--json"),
    ).json["id"]
    asked = ("appointments", "request", "--patient", other, "--clinician", USER, "--book")
    trouble = cli(*asked, "--start", at("10:30"), "--anyway").trouble
    assert trouble.startswith("Amina Diallo already has an appointment on Monday, ")
    assert trouble.endswith(", 10:00 to 10:50.")
    assert cli(*asked, "--start", at("10:50")).code == 0
    listed = cli("appointments", "list", "--day", str(NEXT), "--json").json
    assert [row["patient"] for row in listed] == ["Okafor, Chidi", "Aalto, Bo"]
    assert not any(row["conflicts_with"] for row in listed)


def test_a_series_leaves_out_what_is_taken_when_asked(cli: Run, patient: str, booked: str) -> None:
    asked = (
        *("appointments", "request", "--patient", patient, "--clinician", USER),
        *("--start", at("10:00", -0), "--every", "weekly", "--times", "3"),
    )
    assert "already has an appointment" in cli(*asked).trouble
    answer = cli(*asked, "--skip-taken", "--json").json
    assert len(answer["made"]) == 2
    assert len(answer["left_out"]) == 1
    assert len({row["series_id"] for row in answer["made"]}) == 1
    days = cli("appointments", "list", "--day", str(NEXT), "--days", "21", "--json").json
    assert [row["start"][:10] for row in days] == [
        str(NEXT + timedelta(weeks=week)) for week in range(3)
    ]


def test_hours_and_absences_shape_the_free_times(cli: Run, store: Path) -> None:
    assert cli("appointments", "hours", "set", "mon 09:00-11:00", "tue 13:00-24:00").out == (
        "mon 09:00-11:00, tue 13:00-24:00\n"
    )
    free = cli("appointments", "free", "--day", str(NEXT), "--minutes", "60", "--json").json
    assert [one["start"][11:16] for one in free[:3]] == ["09:00", "10:00", "13:00"]
    away = ("appointments", "hours", "away", "--from", at("00:00"), "--until", at("10:00"))
    absence = cli(*away, "--reason", "course").out.strip()
    free = cli("appointments", "free", "--day", str(NEXT), "--minutes", "60", "--json").json
    assert free[0]["start"][11:16] == "10:00"
    assert "is away: course" in cli("appointments", "hours", "list").out
    assert cli("appointments", "hours", "back", absence).code == 0
    listed = cli("appointments", "hours", "list", "--json").json
    assert listed["absences"] == []
    assert listed["hours"][0]["own"] is True
    for wrong in ("monday 9-5", "mon 25:00-26:00", "mon 11:00-09:00"):
        assert cli("appointments", "hours", "set", wrong).trouble


def test_of_two_times_the_one_that_is_written_wrong_is_named(cli: Run, store: Path) -> None:
    away = ("appointments", "hours", "away", "--from", at("00:00"), "--until", "tomorrow")
    assert cli(*away).trouble == "The end “tomorrow” is not written as YYYY-MM-DD HH:MM."


def test_outside_the_hours_is_booked_only_on_purpose(cli: Run, patient: str) -> None:
    cli("appointments", "hours", "set")
    asked = ("appointments", "request", "--patient", patient, "--clinician", USER, "--book")
    assert "does not see people" in cli(*asked, "--start", at("10:00")).trouble
    assert cli(*asked, "--start", at("10:00"), "--anyway").code == 0


def test_a_missed_appointment_must_have_begun(cli: Run, booked: str) -> None:
    assert "not begun" in cli("appointments", "no-show", booked).trouble
    assert "later day" in cli("appointments", "complete", booked).trouble


def test_a_calendar_file_names_nobody_unless_asked(
    cli: Run, store: Path, booked: str, tmp_path: Path
) -> None:
    file = tmp_path / "week.ics"
    answer = cli("appointments", "ics", "-o", file, "--day", str(NEXT), "--days", "7", "--json")
    assert answer.json["appointments"] == 1
    text = file.read_bytes().decode()
    assert f"UID:{booked}@appointments.clinic-app\r\n" in text
    assert f"DTSTART:{NEXT:%Y%m%d}T100000Z\r\n" in text
    assert "Okafor" not in text
    assert "first talk" not in text
    named = tmp_path / "named.ics"
    assert cli("appointments", "ics", "-o", named, "--day", str(NEXT), "--with-names").code == 0
    assert "SUMMARY:Okafor\\, Chidi · Harbour Clinic\r\n" in named.read_bytes().decode()
    nowhere = tmp_path / "nowhere" / "x.ics"
    assert "cannot be written" in cli("appointments", "ics", "-o", nowhere).trouble


def test_the_clinics_clocks_count_and_a_skipped_hour_moves_on(
    cli: Run, store: Path, patient: str
) -> None:
    opened = open_store(store)
    with opened.unit_of_work() as work:
        work.clinic.save(replace(work.clinic.get(), time_zone="Europe/Berlin"))
        work.commit()
    opened.close()
    asked = ("appointments", "request", "--patient", patient, "--book", "--json", "--start")
    assert cli(*asked, "2100-03-28 02:30").json["start"] == "2100-03-28T03:30:00+02:00"
    assert cli(*asked, "2100-10-31 02:30").json["start"] == "2100-10-31T02:30:00+02:00"
    later = cli(*asked, "2100-10-31T02:30:00+01:00").json
    assert later["start"] == "2100-10-31T02:30:00+01:00"
    assert "not written as" in cli(*asked, "31.10.2100").trouble


def test_a_counselor_changes_only_the_own_hours(
    cli: Run, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = open_store(store)
    with opened.unit_of_work() as work:
        (me,) = work.users.all()
        work.users.save(replace(me, role=Role.COUNSELOR))
        work.users.add(StaffUser(new_id(), "tomas", "Tomas Vaz", Role.DOCTOR))
        work.commit()
    opened.close()
    assert cli("appointments", "hours", "set", "mon-fri 08:00-12:00").code == 0
    trouble = cli("appointments", "hours", "set", "--clinician", "tomas").trouble
    assert trouble == "Only an administrator changes the hours of somebody else."

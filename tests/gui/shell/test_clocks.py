"""Every screen follows the clinic's clocks, wherever the laptop believes it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from clinic_app.domain.clock import utc_now
from clinic_app.services.appointments import NewAppointment
from clinic_app.ui.moments import clock_text, local_day, long_day_text, parse_clock
from clinic_app.ui.moments import to_utc as typed
from clinic_app.ui.screens.sync.view import SyncScreen
from clinic_app.ui.shell.doors import Opened
from tests.fakes.clinic import FakeClinic
from tests.gui.conftest import Driver, Start, doors_of

NINE = datetime(2026, 3, 9, 3, 30, tzinfo=UTC)
"""Nine in the morning in Kolkata."""


def in_zone(clinic: FakeClinic, zone: str) -> None:
    with clinic.store.unit_of_work() as work:
        work.clinic.save(replace(work.clinic.get(), time_zone=zone))
        work.commit()


@pytest.fixture
def kolkata(drive: Start, clinic: FakeClinic) -> Driver:
    in_zone(clinic, "Asia/Kolkata")
    driver = drive(doors_of(clinic), Opened(clinic.front_door, clinic.sign_in()))
    driver.clinic = clinic
    return driver


def test_the_persons_page_and_the_calendar_tell_the_same_time(
    kolkata: Driver, clinic: FakeClinic
) -> None:
    patient = clinic.add_patient()  # registered at 9:00 UTC
    wanted = NewAppointment(patient.id, start=NINE, minutes=30)
    clinic.services.appointments.book(wanted, anyway=True)
    kolkata.desk.show_patient(patient.id)
    kolkata.settle()
    words = kolkata.words()
    assert "2 Mar 2026, 14:30" in words
    assert "9:00" in words


def test_a_time_is_typed_on_the_clinics_clocks(kolkata: Driver) -> None:
    assert typed(NINE.date(), parse_clock("9:00")) == NINE


def test_a_new_time_zone_of_the_clinic_is_followed_at_once(
    kolkata: Driver, clinic: FakeClinic
) -> None:
    assert clock_text(NINE) == "09:00"
    in_zone(clinic, "Africa/Nairobi")
    kolkata.desk.show_sync()
    screen = kolkata.desk.present
    assert isinstance(screen, SyncScreen)
    screen.joined.emit()  # the centre has brought the clinic's settings
    kolkata.settle()
    assert clock_text(NINE) == "06:30"


def test_on_the_eve_of_a_birthday_a_guardian_still_decides(
    kolkata: Driver, clinic: FakeClinic
) -> None:
    clinic.clock.moment = datetime(2026, 3, 2, 19, 0, tzinfo=UTC)  # half past midnight there
    grown = clinic.add_patient("Grown", birth_date=date(2008, 3, 3), consent=())
    young = clinic.add_patient("Young", birth_date=date(2008, 3, 4), consent=())
    for patient, of_age in ((grown, True), (young, False)):
        draft = clinic.services.screenings.start(patient.id)
        assert patient.is_minor_on(draft.started_at.date())  # by the day in Greenwich both are
        kolkata.desk.show_screening(draft.id)
        kolkata.settle()
        assert kolkata.button("the patient").isChecked() is of_age


def test_who_leaves_gives_the_laptop_its_own_clock_back(kolkata: Driver) -> None:
    assert clock_text(NINE) == "09:00"
    kolkata.click("Sign out")
    kolkata.until(lambda: kolkata.window.desk is None)
    assert clock_text(NINE) == f"{NINE.astimezone():%H:%M}"


def test_after_a_night_behind_the_lock_the_first_screen_is_of_the_new_day(
    inside: Driver, clinic: FakeClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = clinic.add_patient("Okafor", "Chidi")
    tomorrow = clinic.clock() + timedelta(days=1, hours=2)
    wanted = NewAppointment(patient.id, start=tomorrow, minutes=30)
    clinic.services.appointments.book(wanted, anyway=True)
    evening = utc_now()
    inside.window.lock()
    inside.settle()
    clinic.clock.advance(days=1)
    for place in ("shell.desk", "screens.today.view"):
        monkeypatch.setattr(f"clinic_app.ui.{place}.utc_now", lambda: evening + timedelta(days=1))
    inside.unlock()
    assert long_day_text(local_day(evening + timedelta(days=1))) in inside.words()
    assert "Okafor, Chidi" in inside.words(inside.desk.present)

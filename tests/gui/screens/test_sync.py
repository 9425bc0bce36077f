"""Sync in the window: the quiet line, the page, joining, and marks on records."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication, QLabel

from clinic_app.domain.people import Role
from clinic_app.services.appointments import NewAppointment
from clinic_app.services.sync_data import (
    CentreUnreachable,
    CentreUntrusted,
    Conflict,
    ConflictKind,
    RoundResult,
)
from clinic_app.sync.snapshot.manifest import other_form
from clinic_app.ui.appearance import Choice, Look
from clinic_app.ui.screens.appointments.confirming import confirm_bookings
from clinic_app.ui.screens.appointments.geometry import Target
from clinic_app.ui.screens.appointments.view import AppointmentsScreen
from clinic_app.ui.screens.patient.view import PatientScreen
from clinic_app.ui.screens.patients.view import PatientsScreen
from clinic_app.ui.screens.sync.view import SyncScreen
from clinic_app.ui.widgets.marks import Mark
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, FakeClinic
from tests.fakes.sync import ENROLMENT, JOINED, conflict
from tests.gui.conftest import Driver
from tests.gui.screens.centre import centre_of, sync_now

TEN = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
AWAY = CentreUnreachable("No server of the centre answers.")
REMARK = other_form().sentence
FOREIGN = CentreUntrusted("The certificate of the server is not signed by the clinic.")


def page(driver: Driver) -> SyncScreen:
    driver.click(driver.desk.navigation._state.accessibleName())
    screen = driver.desk.present
    assert isinstance(screen, SyncScreen)
    return screen


# --- the line at the foot of the navigation -------------------------------------------------------


def test_the_line_follows_the_rounds_and_leads_to_the_page(joined: Driver) -> None:
    line = joined.desk.navigation.state
    assert "Up to date" in line.text()
    centre_of(joined).fails_with = AWAY
    sync_now(joined)
    assert line.text() == "Offline"
    assert joined.words(joined.window.notices) == ""  # an ordinary day: no box, no notice
    centre_of(joined).fails_with = FOREIGN
    sync_now(joined)
    assert line.text() == "Sync needs attention"
    screen = page(joined)
    assert joined.desk.header.title.text() == "Sync"
    assert str(FOREIGN) in joined.words(screen.standing)
    assert "Nothing was sent." in joined.words(screen.standing)


def test_a_key_leads_to_the_page(inside: Driver) -> None:
    inside.shortcut(Qt.Key.Key_9, Qt.KeyboardModifier.AltModifier)
    assert isinstance(inside.desk.present, SyncScreen)


def test_the_first_round_comes_by_itself(clinic: FakeClinic, outside: Driver) -> None:
    clinic.sync.now = JOINED
    outside.sign_in()
    outside.until(lambda: outside.window.desk is not None)
    outside.settle()
    left = outside.desk.link.seconds_left()
    assert left is not None
    assert left < 15
    with outside.qtbot.waitSignal(outside.desk.link.moved, timeout=20_000):
        outside.desk.link.ring_in(0.0)
    assert clinic.sync.rounds == 1
    again = outside.desk.link.seconds_left()
    assert again is not None
    assert again > 15


def test_rounds_go_on_behind_the_lock_and_show_nothing(joined: Driver) -> None:
    joined.clinic.add_patient()
    joined.desk.show_patients()
    joined.settle()
    screen = joined.desk.present
    assert isinstance(screen, PatientsScreen)
    joined.window.lock()
    joined.settle()
    refused = len(joined.clinic.store.tables.audit)
    centre_of(joined).result = RoundResult(5, 0, 1, 4, 0.1)
    joined.clinic.add_staff("somebody", "amber-window-tide", Role.COUNSELOR)
    sync_now(joined)
    assert centre_of(joined).rounds == 1
    assert joined.window.locked
    assert "Okafor" not in joined.words()
    assert len(joined.clinic.store.tables.audit) == refused  # nothing was asked for in vain
    joined.unlock()
    assert not joined.window.locked


# --- what a round brings --------------------------------------------------------------------------


def test_what_a_round_brings_is_shown_without_moving_the_keyboard(joined: Driver) -> None:
    joined.clinic.add_patient("Okafor", "Chidi", date(1990, 5, 17))
    joined.clinic.add_patient("Okonkwo", "Ngozi", date(1984, 3, 7))
    joined.desk.show_patients()
    joined.settle()
    screen = joined.desk.present
    assert isinstance(screen, PatientsScreen)
    screen.table.setFocus()
    screen.table.selectRow(1)
    joined.clinic.add_patient("Aalto", "Bo", date(1970, 1, 1))  # as if it had come from elsewhere
    centre_of(joined).result = RoundResult(1, 0, 0, 4, 0.1)
    sync_now(joined)
    assert screen.rows.rowCount() == 3
    assert screen.table.currentIndex().row() == 2
    assert QApplication.focusWidget() is screen.table


def test_on_today_the_keyboard_stays_on_its_button(joined: Driver) -> None:
    somebody = joined.clinic.add_patient()
    joined.clinic.services.notes.write(somebody.id, "Begun")
    joined.desk.show_today()
    joined.settle()
    name = "Open the note about Okafor, Chidi"
    joined.button(name).setFocus()
    centre_of(joined).result = RoundResult(1, 0, 0, 4, 0.1)
    before = joined.button(name)
    sync_now(joined)
    after = joined.button(name)
    assert after is not before
    assert QApplication.focusWidget() is after


def test_nothing_moves_under_a_sheet_and_it_is_caught_up_later(joined: Driver) -> None:
    joined.desk.show_patients()
    joined.settle()
    screen = joined.desk.present
    assert isinstance(screen, PatientsScreen)
    joined.press(Qt.Key.Key_F1)
    sheet = joined.sheet
    joined.clinic.add_patient()
    centre_of(joined).result = RoundResult(1, 0, 0, 4, 0.1)
    sync_now(joined)
    assert screen.rows.rowCount() == 0
    sheet.dismiss()
    joined.desk.look_at_waiting()
    joined.settle()
    assert screen.rows.rowCount() == 1


# --- the page -------------------------------------------------------------------------------------


def test_the_page_tells_servers_workstations_and_what_waits(joined: Driver) -> None:
    centre_of(joined).now = replace(JOINED, pending=12, pending_images=2)
    screen = page(joined)
    words = joined.words(screen)
    for told in (
        "12 changes waiting",
        "2 pictures",
        "centre.example",
        "spare.example",
        "north-1 (this laptop)",
        "change 1,180 of the sequence begun 26 Feb 2026",
    ):
        assert told in words
    assert screen.standing.now.hasFocus()


def test_a_round_by_hand_shows_progress_and_can_be_cancelled(joined: Driver) -> None:
    screen = page(joined)
    centre = centre_of(joined)
    centre.gate = threading.Event()
    screen.standing.now.click()
    joined.until(lambda: screen.standing.bar.value() == 500)
    assert not screen.standing.now.isEnabled()
    assert screen.standing.cancel.hasFocus()
    assert "Receiving 50 % · 40 received" in screen.standing.doing.text()
    assert joined.desk.navigation.state.text() == "Syncing · receiving 50 %"
    screen.standing.cancel.click()
    joined.settle()
    assert screen.standing.now.isEnabled()
    assert screen.standing.now.hasFocus()
    assert "went wrong" not in joined.words(screen)
    centre.gate = None
    joined.click("Sync now")
    assert centre.rounds == 2
    assert "Everything here is at the centre as well" in joined.words(screen)


def test_troubles_are_listed_and_counted(joined: Driver) -> None:
    screen = page(joined)
    centre_of(joined).fails_with = AWAY
    for _ in range(3):
        sync_now(joined)
    centre_of(joined).fails_with = None
    sync_now(joined)
    words = joined.words(screen)
    assert "What went wrong since you signed in" in words
    assert "3 times in a row" in words
    assert "This is normal on the road." in words


def test_why_a_snapshot_was_not_used_stays_on_the_page(joined: Driver) -> None:
    screen = page(joined)
    assert screen.standing.remark.isHidden()
    centre_of(joined).result = RoundResult(3, 0, 0, 9, 1.0, remark=REMARK)
    sync_now(joined)
    assert str(REMARK) in joined.words(screen)
    centre_of(joined).result = RoundResult(0, 0, 0, 4, 0.1)
    sync_now(joined)
    assert str(REMARK) in joined.words(screen)


def test_a_clock_that_is_off_is_told(joined: Driver) -> None:
    screen = page(joined)
    centre_of(joined).result = replace(centre_of(joined).result, clock_off_seconds=-200.0)
    sync_now(joined)
    assert screen.standing.clock.text() == (
        "The clock of this laptop is 3 minutes slow. Please set it."
    )
    assert joined.desk.navigation.state.text() == "The clock is off"


# --- joining --------------------------------------------------------------------------------------


def test_an_administrator_joins_with_file_and_password(inside: Driver, tmp_path: Path) -> None:
    screen = page(inside)
    assert "This clinic lives on this laptop" in inside.words(screen)
    inside.click("Join a centre…")
    sheet = screen.sheet
    assert sheet is not None
    assert "What will happen" in inside.words(sheet.sheet)
    inside.click("Join")
    assert sheet.file.message == "Please choose the enrolment file."
    file = tmp_path / "north-1.enrolment"
    file.write_bytes(b"a letter")
    sheet.take_file(file)
    inside.type(sheet.password.edit, PASSWORD)
    inside.press(Qt.Key.Key_Return, sheet.password.edit)
    assert sheet.file.message == "This is not an enrolment file of Clinic App."
    assert sheet.password.edit.text() == ""
    file.write_bytes(ENROLMENT)
    centre_of(inside).result = RoundResult(3, 0, 0, 9, 1.0, remark=REMARK)
    inside.type(sheet.password.edit, PASSWORD)
    with inside.qtbot.waitSignal(screen.joined, timeout=20_000):
        inside.press(Qt.Key.Key_Return, sheet.password.edit)
    inside.settle()
    assert inside.desk.sheet is None
    assert "Everything here is at the centre as well" in inside.words(screen)
    assert "Please delete the file “north-1.enrolment”" in inside.words(inside.window.notices)
    assert str(REMARK) in inside.words(screen)
    assert inside.desk.link.seconds_left() is not None


def test_a_join_can_be_stopped_and_a_failure_says_what_to_do(
    inside: Driver, tmp_path: Path
) -> None:
    screen = page(inside)
    inside.click("Join a centre…")
    sheet = screen.sheet
    assert sheet is not None
    file = tmp_path / "north-1.enrolment"
    file.write_bytes(ENROLMENT)
    sheet.take_file(file)
    centre = centre_of(inside)
    centre.gate = threading.Event()
    inside.type(sheet.password.edit, PASSWORD)
    sheet.join.click()
    inside.until(lambda: sheet.progress.bar.value() == 500)
    assert not sheet.sheet.dismissible
    sheet.progress.stop.click()
    inside.settle()
    assert "This was stopped." in inside.words(sheet.sheet)
    centre.gate, centre.fails_with = None, FOREIGN
    inside.type(sheet.password.edit, PASSWORD)
    inside.click("Join", sheet.sheet)
    words = inside.words(sheet.sheet)
    assert str(FOREIGN) in words
    assert "Nothing was sent." in words
    assert not centre.now.joined


def test_a_counselor_is_told_who_can_join(clinic: FakeClinic, outside: Driver) -> None:
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.COUNSELOR)
    outside.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    outside.until(lambda: outside.window.desk is not None)
    outside.settle()
    outside.desk.show_sync()
    outside.settle()
    assert "An administrator can join a centre." in outside.words()
    with pytest.raises(AssertionError):
        outside.button("Join a centre…")


# --- marks ----------------------------------------------------------------------------------------


def test_records_on_the_page_are_marked_until_they_have_travelled(joined: Driver) -> None:
    somebody = joined.clinic.add_patient()
    first = joined.clinic.services.notes.write(somebody.id, "First")
    joined.clinic.services.notes.sign(first.id, PASSWORD)
    centre_of(joined).unsent = {first.id}
    joined.desk.show_patient(somebody.id)
    joined.settle()
    screen = joined.desk.present
    assert isinstance(screen, PatientScreen)

    def marks() -> list[Mark]:
        return [one for one in screen.findChildren(Mark) if one.isVisible()]

    assert len(marks()) == 1
    assert "not yet at the centre" in joined.words(screen.timeline)
    centre_of(joined).result = RoundResult(0, 3, 0, 4, 0.1)
    sync_now(joined)
    assert marks() == []


# --- bookings -------------------------------------------------------------------------------------


def test_a_booking_is_confirmed_by_the_centre_and_waits_when_it_is_away(joined: Driver) -> None:
    services = joined.clinic.services
    somebody = joined.clinic.add_patient()
    asked = services.appointments.request(
        NewAppointment(somebody.id, start=TEN, clinician_id=services.session.user.id)
    )
    centre = centre_of(joined)
    centre.unsent = {asked.id}
    centre.fails_with = AWAY
    joined.desk.show_appointments(TEN.date())
    joined.settle()
    screen = joined.desk.present
    assert isinstance(screen, AppointmentsScreen)
    waiting = "Saved on this laptop; it is confirmed when the centre has it."
    confirmed = "Confirmed: the centre has it and no other booking overlaps."

    def opened() -> str:
        screen._open(asked.id)
        joined.settle()
        return joined.words(joined.desk.sheet)

    assert waiting not in opened()  # a request holds no time
    joined.click("Approve", joined.desk.sheet)
    joined.until(lambda: joined.window.notices.toast_text == waiting)
    assert services.appointments.get(asked.id).row.appointment.holds_time
    assert waiting in opened()
    centre.fails_with = None
    joined.click("Close", joined.desk.sheet)
    screen.presenter.move(Target(asked.id, TEN.replace(tzinfo=None, hour=11), None))
    joined.until(lambda: joined.window.notices.toast_text == confirmed)
    assert confirmed in opened()


def test_an_overlap_that_comes_with_the_round_leads_to_both(joined: Driver) -> None:
    clinic, centre = joined.clinic, centre_of(joined)
    services = clinic.services
    me = services.session.user.id
    somebody, other = clinic.add_patient(), clinic.add_patient("Aalto", "Bo", date(1970, 1, 1))
    mine = services.appointments.book(NewAppointment(somebody.id, start=TEN, clinician_id=me))
    later = NewAppointment(other.id, start=TEN.replace(hour=14), clinician_id=me)
    event = services.appointments.book(later).events[0]
    assert event.slot is not None
    theirs = replace(
        event,
        id=UUID(int=7),
        kind=type(event.kind).RESCHEDULED,
        slot=replace(event.slot, start=TEN),
    )
    with clinic.store.unit_of_work() as work:  # it comes with the round
        work.appointments.add(theirs)
        work.commit()
    centre.result = RoundResult(1, 1, 1, 4, 0.1)
    confirm_bookings(joined.desk.workspace, [mine.id])
    joined.until(lambda: bool(joined.window.notices.texts))
    assert joined.window.notices.texts == [
        "Another booking overlaps. Both are kept; please move one of them."
    ]
    joined.click("Show both", joined.window.notices)
    screen = joined.desk.present
    assert isinstance(screen, AppointmentsScreen)
    joined.until(lambda: screen.clash.isVisible())
    assert screen.clash.text() == "2 appointments of these days collide with another one."


# --- looks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_pages_fit_with_large_text_in_a_small_window(joined: Driver, scale: float) -> None:
    joined.appearance.choice = Choice(Look.DARK, scale)
    joined.appearance.apply()
    kinds: list[Conflict] = [conflict(kind) for kind in ConflictKind]
    centre_of(joined).found = kinds
    for show in (joined.desk.show_sync, joined.desk.show_conflicts):
        show()
        joined.settle()
        screen = joined.desk.present
        assert screen is not None
        beyond = [
            one.text()
            for one in screen.findChildren(QLabel)
            if one.isVisible() and one.mapTo(joined.window, one.rect().topRight()).x() > 1280
        ]
        assert beyond == []
        assert isinstance(joined.window.grab(), QPixmap)

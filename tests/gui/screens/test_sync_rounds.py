"""Rounds with the centre in the window: the quiet line, and what a round brings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from clinic_app.domain.people import Role
from clinic_app.services.sync_data import RoundResult
from clinic_app.ui.screens.patients.view import PatientsScreen
from clinic_app.ui.screens.sync.view import SyncScreen
from tests.fakes.clinic import FakeClinic
from tests.fakes.sync import JOINED
from tests.gui.conftest import Driver
from tests.gui.screens.centre import AWAY, FOREIGN, centre_of, sync_now, sync_page

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
    screen = sync_page(joined)
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


@pytest.mark.parametrize("locked", [False, True])
def test_settings_that_a_round_brings_hold_at_once(joined: Driver, locked: bool) -> None:
    idle = joined.window._idle
    with joined.clinic.store.unit_of_work() as work:  # as another laptop has changed them
        work.clinic.save(replace(work.clinic.get(), idle_lock_minutes=2, name="Quay Clinic"))
        work.commit()
    centre_of(joined).result = RoundResult(1, 0, 0, 4, 0.1)
    if locked:
        joined.window.lock()
        joined.settle()
    sync_now(joined)
    if locked:
        assert joined.window.locked
        joined.unlock()
    joined.until(lambda: idle._timer.interval() == 2 * 60_000)
    assert "Quay Clinic" in joined.words()
    assert "Quay Clinic" in joined.window.windowTitle()


def test_a_round_that_changes_no_setting_leaves_the_idle_time_running(joined: Driver) -> None:
    idle = joined.window._idle
    touched = idle._touched = idle._now() - 60
    centre_of(joined).result = RoundResult(1, 0, 0, 4, 0.1)
    sync_now(joined)
    assert idle._touched == touched


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

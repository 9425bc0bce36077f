"""The page about sync: what stands on it, joining a centre, and large text."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QLabel

from clinic_app.domain.people import Role
from clinic_app.services.sync_data import Conflict, ConflictKind, RoundResult
from clinic_app.ui.appearance import Choice, Look
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, FakeClinic
from tests.fakes.sync import ENROLMENT, JOINED, conflict
from tests.gui.conftest import Driver
from tests.gui.screens.centre import AWAY, FOREIGN, REMARK, centre_of, sync_now, sync_page

# --- the page -------------------------------------------------------------------------------------


def test_the_page_tells_servers_workstations_and_what_waits(joined: Driver) -> None:
    centre_of(joined).now = replace(JOINED, pending=12, pending_images=2)
    screen = sync_page(joined)
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
    screen = sync_page(joined)
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
    screen = sync_page(joined)
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
    screen = sync_page(joined)
    assert screen.standing.remark.isHidden()
    centre_of(joined).result = RoundResult(3, 0, 0, 9, 1.0, remark=REMARK)
    sync_now(joined)
    assert str(REMARK) in joined.words(screen)
    centre_of(joined).result = RoundResult(0, 0, 0, 4, 0.1)
    sync_now(joined)
    assert str(REMARK) in joined.words(screen)


def test_a_clock_that_is_off_is_told(joined: Driver) -> None:
    screen = sync_page(joined)
    centre_of(joined).result = replace(centre_of(joined).result, clock_off_seconds=-200.0)
    sync_now(joined)
    assert screen.standing.clock.text() == (
        "The clock of this laptop is 3 minutes slow. Please set it."
    )
    assert joined.desk.navigation.state.text() == "The clock is off"


# --- joining --------------------------------------------------------------------------------------


def test_an_administrator_joins_with_file_and_password(inside: Driver, tmp_path: Path) -> None:
    screen = sync_page(inside)
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
    screen = sync_page(inside)
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

"""Who is at work was switched off, or has another role, on another laptop: the window locks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QAbstractButton

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.people import Role, StaffUser
from clinic_app.services.sync_data import CentreUnreachable
from clinic_app.ui.screens.feedback.view import FeedbackScreen
from tests.fakes.sync import JOINED
from tests.gui.conftest import Driver
from tests.gui.shell.patient_page import open_patient


def round_brings(driver: Driver, change: Callable[[StaffUser], StaffUser]) -> None:
    """A round in which another laptop's change of the account arrives."""
    clinic = driver.clinic

    def write() -> None:
        with clinic.store.unit_of_work() as work:
            work.users.save(change(clinic.services.session.user))
            work.commit()

    clinic.sync.now, clinic.sync.brings = JOINED, write
    driver.desk.link.rounds.look()
    driver.settle()
    driver.desk.link.rounds.sync_now()
    driver.settle()


@pytest.mark.parametrize("cut", [False, True])
def test_an_account_that_was_switched_off_is_locked_out_at_once_and_what_was_typed_is_kept(
    inside: Driver, *, cut: bool
) -> None:
    screen = open_patient(inside)
    inside.type(screen.notes.editor, "Sleeps better")
    if cut:
        inside.clinic.sync.fails_with = CentreUnreachable("The line was cut.")
    round_brings(inside, lambda user: replace(user, active=False))
    assert inside.window.locked
    assert "your account was switched off" in inside.words()
    store = inside.clinic.store
    assert [note.text for note in store.tables.notes.values()] == ["Sleeps better"]
    page = inside.window.lock_page
    assert page is not None
    assert not page.password.isVisible()  # it would open nothing
    assert not page.unlock.isVisible()
    inside.click("Sign in as somebody else")
    assert inside.window.desk is None
    assert store.tables.audit[-1].kind is AuditKind.SIGNED_OUT


def test_what_a_switched_off_account_would_lose_is_said_without_promising_a_way_back(
    inside: Driver,
) -> None:
    inside.desk.show_feedback()
    inside.settle()
    screen = inside.desk.present
    assert isinstance(screen, FeedbackScreen)
    inside.type(screen.incident_text, "A form went missing")
    inside.window.lock()
    inside.settle()
    round_brings(inside, lambda user: replace(user, active=False))
    inside.click("Sign in as somebody else")
    assert inside.window.locked
    assert "Signing out would lose it" in inside.words()
    assert "entering the password" not in inside.words()
    inside.click("Sign out all the same")
    assert inside.window.desk is None


def test_the_laptop_comes_back_from_a_patient_with_an_account_that_was_switched_off(
    inside: Driver,
) -> None:
    open_patient(inside)
    inside.desk.enter_patient_mode(next(iter(inside.clinic.store.tables.patients)))
    inside.settle()
    inside.window.lock()
    inside.settle()
    round_brings(inside, lambda user: replace(user, active=False))
    page = inside.window.lock_page
    assert page is not None
    assert page.password.isVisible()
    inside.unlock()
    assert inside.window.locked
    assert inside.desk.patient_at_laptop is None
    assert not page.password.isVisible()
    inside.click("Sign in as somebody else")
    assert inside.window.desk is None


def test_a_role_that_was_taken_away_takes_its_places_with_it(inside: Driver) -> None:
    screen = open_patient(inside)
    inside.type(screen.notes.editor, "Sleeps better")
    assert inside.desk.navigation.offers("admin")
    round_brings(inside, lambda user: replace(user, role=Role.COUNSELOR))
    assert inside.window.locked
    assert "another role: Counselor" in inside.words()
    inside.unlock()
    assert not inside.window.locked
    assert not inside.desk.navigation.offers("admin")
    assert "Administration" not in [one.text().strip() for one in buttons(inside)]
    assert "Counselor" in inside.words(inside.desk.navigation)
    assert inside.desk.header.title.text() == "Today"
    kept = inside.clinic.store.tables.notes.values()
    assert [note.text for note in kept] == ["Sleeps better"]
    inside.window.lock()
    inside.settle()
    assert "everything is as you left it" in inside.words()


def buttons(driver: Driver) -> list[QAbstractButton]:
    found = driver.desk.navigation.findChildren(QAbstractButton)
    return [one for one in found if one.isVisible()]

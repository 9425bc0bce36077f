"""Who is at work was switched off, or has another role, on another laptop: the window locks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QAbstractButton

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.people import Role, StaffUser
from clinic_app.services.sync_data import CentreUnreachable
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
    rounds = inside.clinic.sync.rounds
    inside.unlock()
    assert inside.window.locked
    assert "This account is switched off." in inside.words()
    assert inside.clinic.sync.rounds == rounds
    inside.click("Sign out")
    assert inside.window.desk is None
    assert store.tables.audit[-1].kind is AuditKind.SIGNED_OUT


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

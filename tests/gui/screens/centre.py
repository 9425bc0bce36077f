"""The simulated centre of a window, and the ways to its pages."""

from __future__ import annotations

from clinic_app.ui.screens.conflicts.view import ConflictsScreen
from tests.fakes.sync import FakeSync
from tests.gui.conftest import Driver


def centre_of(driver: Driver) -> FakeSync:
    return driver.clinic.sync


def sync_now(driver: Driver) -> None:
    driver.desk.link.rounds.sync_now()
    driver.settle()


def to_settle(driver: Driver) -> ConflictsScreen:
    driver.desk.show_conflicts()
    driver.settle()
    screen = driver.desk.present
    assert isinstance(screen, ConflictsScreen)
    return screen

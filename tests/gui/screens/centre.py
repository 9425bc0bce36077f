"""The simulated centre of a window, and the ways to its pages."""

from __future__ import annotations

from clinic_app.services.sync_data import CentreUnreachable, CentreUntrusted
from clinic_app.sync.snapshot.manifest import other_form
from clinic_app.ui.screens.conflicts.view import ConflictsScreen
from clinic_app.ui.screens.sync.view import SyncScreen
from tests.fakes.sync import FakeSync
from tests.gui.conftest import Driver

AWAY = CentreUnreachable("No server of the centre answers.")
REMARK = other_form().sentence
FOREIGN = CentreUntrusted("The certificate of the server is not signed by the clinic.")


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


def sync_page(driver: Driver) -> SyncScreen:
    driver.click(driver.desk.navigation._state.accessibleName())
    screen = driver.desk.present
    assert isinstance(screen, SyncScreen)
    return screen

"""The page about learning with other clinics, and its sheets."""

from __future__ import annotations

from PySide6.QtCore import Qt

from clinic_app.ui.screens.learning.sites.panel import SitesPanel
from clinic_app.ui.screens.learning.view import LearningScreen
from tests.fakes.clinic import PASSWORD
from tests.gui.conftest import Driver


def opened(driver: Driver) -> SitesPanel:
    driver.desk.show_learning()
    driver.settle()
    driver.click("With other clinics")
    screen = driver.desk.present
    assert isinstance(screen, LearningScreen)
    return screen.sites


def sign(driver: Driver, panel: SitesPanel, reason: str, password: str = PASSWORD) -> None:
    """Fill in the sheet that asks for it, by the keyboard alone."""
    asked = panel.asked
    asked.reason.clear()
    driver.type(asked.reason, reason)
    driver.type(asked.password.edit, password)
    driver.press(Qt.Key.Key_Return, asked.password.edit)

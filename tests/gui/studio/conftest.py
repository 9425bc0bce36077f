"""The pages of the style studio, open."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from clinic_app.ui.screens.studio.live.view import LivePage
from clinic_app.ui.screens.studio.look.view import LookPage
from clinic_app.ui.screens.studio.transfer.view import TransferPage
from clinic_app.ui.screens.studio.view import StudioScreen
from tests.fakes.clinic import FakeClinic
from tests.gui.conftest import Driver


def clinic_of(driver: Driver) -> FakeClinic:
    assert driver.clinic is not None
    return driver.clinic


def open_studio_screen(driver: Driver) -> StudioScreen:
    driver.shortcut(Qt.Key.Key_S, Qt.KeyboardModifier.AltModifier)
    screen = driver.desk.present
    assert isinstance(screen, StudioScreen)
    return screen


def go_to(driver: Driver, name: str) -> None:
    driver.click(name)


@pytest.fixture
def screen(inside: Driver) -> StudioScreen:
    return open_studio_screen(inside)


@pytest.fixture
def transfer(inside: Driver, screen: StudioScreen) -> TransferPage:
    page = screen.page("transfer")
    assert isinstance(page, TransferPage)
    return page


@pytest.fixture
def live(inside: Driver, screen: StudioScreen) -> LivePage:
    go_to(inside, "Live styles")
    page = screen.page("live")
    assert isinstance(page, LivePage)
    return page


@pytest.fixture
def look(inside: Driver, screen: StudioScreen) -> LookPage:
    go_to(inside, "Reference look")
    page = screen.page("look")
    assert isinstance(page, LookPage)
    return page

"""The pages of the style studio, open."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pypdf
import pytest
from PySide6.QtCore import Qt

from clinic_app.domain.audit import AuditKind
from clinic_app.ui.screens.studio.live.view import LivePage
from clinic_app.ui.screens.studio.look.view import LookPage
from clinic_app.ui.screens.studio.transfer.view import TransferPage
from clinic_app.ui.screens.studio.view import StudioScreen
from tests.gui.conftest import Driver


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


@dataclass
class Gate:
    """Holds a transfer up before its fifth step."""

    reached: threading.Event = field(default_factory=threading.Event)
    may_go_on: threading.Event = field(default_factory=threading.Event)

    def __call__(self, step: int) -> None:
        if step == 4:
            self.reached.set()
            assert self.may_go_on.wait(20)


@pytest.fixture
def held(inside: Driver, transfer: TransferPage) -> Iterator[Gate]:
    """A transfer of ten steps is under way, and stays there."""
    gate = inside.clinic.engine.gate = Gate()
    inside.click("Sample", transfer)
    transfer.settings.steps.slider.setValue(0)
    transfer.start.click()
    inside.until(gate.reached.is_set)
    yield gate
    gate.may_go_on.set()


def one_picture_was_printed(driver: Driver, printed: Path) -> None:
    """One on one page, in the audit trail, and nothing in the gallery."""
    assert "Sent to the printer." in driver.words()
    (page,) = pypdf.PdfReader(printed).pages
    assert len(page.images) == 1
    tables = driver.clinic.store.tables
    assert tables.audit[-1].kind is AuditKind.PRINTED
    assert not tables.gallery

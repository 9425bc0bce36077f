"""The settings, opened by the administrator."""

from __future__ import annotations

from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from clinic_app.ui.screens.admin.section import Section
from clinic_app.ui.screens.admin.view import AdminScreen
from tests.gui.conftest import Driver

Kind = TypeVar("Kind", bound=Section)


@pytest.fixture
def settings(inside: Driver) -> AdminScreen:
    inside.shortcut(Qt.Key.Key_4, Qt.KeyboardModifier.AltModifier)
    shown = inside.desk.present
    assert isinstance(shown, AdminScreen)
    return shown


def open_section(driver: Driver, settings: AdminScreen, name: str, kind: type[Kind]) -> Kind:
    """Bring a section to the front as the side list does."""
    settings.open(name)
    driver.settle()
    section = settings.section
    assert isinstance(section, kind)
    return section


def prove(driver: Driver, password: str) -> None:
    """Type the password that the topmost sheet asks for."""
    sheet = driver.sheet
    field = next(one for one in sheet.findChildren(QLineEdit) if one.isVisible())
    driver.type(field, password)
    driver.press(Qt.Key.Key_Return, field)


def fill(edit: QLineEdit, text: str) -> None:
    """Replace what stands in a field."""
    edit.selectAll()
    edit.insert(text)

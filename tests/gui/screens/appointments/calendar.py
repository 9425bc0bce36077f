"""The calendar, and what is looked at and done in it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from clinic_app.domain.appointments import Appointment
from clinic_app.ui.screens.appointments.view import AppointmentsScreen
from tests.fakes.clinic import FakeClinic
from tests.gui.conftest import Driver

TUESDAY = date(2026, 3, 3)
TEN = datetime(2026, 3, 3, 10, tzinfo=UTC)
Part = TypeVar("Part", bound=QWidget)


def open_calendar(driver: Driver) -> AppointmentsScreen:
    driver.shortcut(Qt.Key.Key_7, Qt.KeyboardModifier.AltModifier)
    shown = driver.desk.present
    assert isinstance(shown, AppointmentsScreen)
    return shown


def one_of(sheet: QWidget, kind: type[Part]) -> Part:
    found = sheet.findChild(kind)
    assert found is not None
    return found


def start_of(fakes: FakeClinic, one: Appointment) -> datetime:
    slot = fakes.services.appointments.get(one.id).row.appointment.slot
    assert slot is not None
    return slot.start

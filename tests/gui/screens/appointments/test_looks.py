"""The calendar at every size of window and text."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication

from clinic_app.domain.appointments import Appointment
from clinic_app.domain.people import Patient
from clinic_app.services.appointments import NewAppointment
from clinic_app.ui.appearance import Choice, Look
from clinic_app.ui.screens.appointments.grid import column_title
from clinic_app.ui.screens.appointments.heads import in_lines
from tests.fakes.clinic import FakeClinic
from tests.gui.conftest import Driver
from tests.gui.screens.appointments.calendar import TEN, open_calendar


def book_the_weekend(fakes: FakeClinic, patient: Patient, me: UUID) -> None:
    for day in (4, 5):  # Saturday and Sunday of that week
        start = TEN + timedelta(days=day)
        fakes.services.appointments.book(
            NewAppointment(patient.id, "talk", start, clinician_id=me), anyway=True
        )


def test_a_week_with_its_weekend_fits_into_the_smallest_window(
    inside: Driver, fakes: FakeClinic, chidi: Patient, me: UUID
) -> None:
    book_the_weekend(fakes, chidi, me)
    inside.window.resize(1280, 800)
    screen = open_calendar(inside)
    inside.settle()
    assert len(screen.grid.columns) == 7
    assert screen.area.horizontalScrollBar().maximum() == 0
    last = screen.grid.blocks[-1]
    assert last.mapTo(screen.area, QPoint(last.width(), 0)).x() <= screen.area.width()


def test_the_days_above_the_calendar_are_whole_at_every_size_of_text(
    inside: Driver, fakes: FakeClinic, chidi: Patient, me: UUID
) -> None:
    book_the_weekend(fakes, chidi, me)
    inside.window.resize(1280, 800)
    screen = open_calendar(inside)
    wanted = [column_title(one) for one in screen.grid.columns]
    heights = []
    for size in (1.0, 1.5, 2.0, 1.0):
        inside.appearance.choice = Choice(Look.LIGHT, size)
        inside.appearance.apply()
        inside.settle()
        titles = screen.heads.titles()
        assert [" ".join(lines) for lines in titles] == wanted, size
        lines = max(len(one) for one in titles)
        assert screen.heads.height() >= lines * screen.heads.fontMetrics().lineSpacing()
        heights.append(screen.heads.height())
    assert heights[0] < heights[2]
    assert heights[0] == heights[3]


def test_a_name_that_fits_in_no_two_lines_is_cut(qapp: QApplication) -> None:
    metrics = QFontMetrics(qapp.font())
    wide = metrics.horizontalAdvance("Amina Diallo")
    assert in_lines("Amina Diallo", metrics, wide) == ["Amina Diallo"]
    assert in_lines("Amina Diallo", metrics, wide - 1) == ["Amina", "Diallo"]
    first, second = in_lines("Dr Amina Diallo-Featherstonehaugh", metrics, wide)
    assert (first, second[-1]) == ("Dr Amina", "…")


def test_with_the_largest_text_the_calendar_has_the_width_and_follows_the_keyboard(
    inside: Driver, fakes: FakeClinic, booked: Appointment, chidi: Patient
) -> None:
    late = fakes.services.appointments.book(
        NewAppointment(chidi.id, start=TEN + timedelta(hours=6)), anyway=True
    )
    inside.window.resize(1280, 800)
    screen = open_calendar(inside)
    wide = screen.area.width()
    assert screen.waiting.geometry().left() > screen.area.mapTo(screen, QPoint(0, 0)).x()
    inside.appearance.choice = Choice(Look.LIGHT, 2.0)
    inside.appearance.apply()
    inside.settle()
    assert screen.area.width() > 0.9 * wide
    assert screen.waiting.geometry().top() > screen.area.height()
    assert screen.area.height() > 400
    block = screen.grid.block_of(late.id)
    screen.grid.block_of(booked.id).setFocus()
    inside.press(Qt.Key.Key_Down)
    assert block.hasFocus()
    assert not block.visibleRegion().isEmpty()

"""The calendar of the demo clinic for the guide: a booked week, a request, somebody who waits."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from moves import drop_sheet

from clinic_app.domain.schedule import to_utc
from clinic_app.services.appointments import AppointmentService, NewAppointment
from clinic_app.services.demo import DemoClinic
from clinic_app.ui.screens.appointments.view import AppointmentsScreen
from clinic_app.ui.screenshots import Scene, desk_of
from clinic_app.ui.shell.window import MainWindow

_WEEK = (
    (0, 9, 0),
    (0, 10, 1),
    (0, 14, 2),
    (1, 9, 1),
    (1, 11, 0),
    (2, 13, 3),
    (3, 9, 2),
    (4, 15, 0),
)
"""(day of the week, hour, whose)."""


def appointment_scenes(clinic: DemoClinic) -> list[Scene]:
    """The week, an appointment that is being moved, one opened, a new one, and hours."""
    book = clinic.services.appointments
    monday = next_monday(book.day())
    first: list[UUID] = []

    def week(window: MainWindow) -> None:
        first.append(_fill(book, clinic, monday))
        desk_of(window).show_appointments(monday)

    def screen(window: MainWindow) -> AppointmentsScreen:
        shown = desk_of(window).present
        assert isinstance(shown, AppointmentsScreen)
        return shown

    def lift(window: MainWindow) -> None:
        grid = screen(window).grid
        block = grid.block_of(first[0])
        block.setFocus()
        grid.nudge(block, 2, 60)

    def put_back(window: MainWindow) -> None:
        screen(window).grid.put_back()
        screen(window).grid.opened.emit(first[0])

    return [
        Scene("appointments", (week,)),
        Scene("appointments-move", (lift,)),
        Scene("appointments-one", (put_back,)),
        Scene("appointments-new", (drop_sheet, lambda window: screen(window).new.click())),
        Scene("appointments-hours", (drop_sheet, lambda window: screen(window).hours.click())),
    ]


def next_monday(day: date) -> date:
    """The Monday after ``day``: nothing of its week has passed."""
    return day + timedelta(days=7 - day.weekday())


def _fill(book: AppointmentService, clinic: DemoClinic, monday: date) -> UUID:
    zone, staff = book.zone(), book.clinicians()
    people = [patient.id for patient in clinic.patients]
    made = []
    for number, (day, hour, whose) in enumerate(_WEEK):
        start = to_utc(datetime.combine(monday + timedelta(days=day), time(hour)), zone)
        who = staff[number % len(staff)].id
        new = NewAppointment(people[whose % len(people)], "Follow-up", start, clinician_id=who)
        made.append(book.book(new).id)
    wish = to_utc(datetime.combine(monday + timedelta(days=2), time(10)), zone)
    book.request(NewAppointment(people[0], "Sleeps badly again", wish, clinician_id=staff[0].id))
    book.request(NewAppointment(people[1], "Any morning"))
    return made[0]

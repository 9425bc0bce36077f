"""Which days and whose calendar are shown, and moving an appointment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol
from uuid import UUID

from clinic_app.domain.schedule import to_utc
from clinic_app.services.appointment_reading import Calendar
from clinic_app.services.appointment_rows import AppointmentRow
from clinic_app.services.appointments import AppointmentService
from clinic_app.services.availability import NotAvailable
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.moments import week_start
from clinic_app.ui.screens.appointments.geometry import Target
from clinic_app.ui.strings import sentence_of, tr

WEEK = 7
WAITING_LIMIT = 50
CLOSED_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """``requests`` have a wished time, ``waiting`` are on the wait list; longest waiting first.
    ``closed`` were denied or cancelled without ever having a time; newest first."""

    calendar: Calendar
    requests: tuple[AppointmentRow, ...]
    waiting: tuple[AppointmentRow, ...]
    closed: tuple[AppointmentRow, ...] = ()


class AppointmentsView(Protocol):
    def show_calendar(self, shown: Shown) -> None: ...
    def show_failure(self, error: BaseException) -> None: ...
    def show_moved(self, sentence: str, appointment_id: UUID) -> None: ...
    def show_refusal(self, error: BaseException) -> None:
        """The appointment stays where it was."""

    def ask_anyway(self, target: Target, sentence: str) -> None:
        """The clinician does not see people then; staff may book it all the same."""


class AppointmentsPresenter:
    """``first`` is ``None`` until the clinic's day is known. Until other days are asked for, the
    calendar goes with the clinic's day: a window that stays open shows no day of last week."""

    def __init__(self, view: AppointmentsView, service: AppointmentService, jobs: Jobs) -> None:
        self._view = view
        self._service = service
        self._jobs = jobs
        self._latest = 0
        self._zone = "UTC"
        self.first: date | None = None
        self._with_today = True
        self._today_known = False
        self._ahead = timedelta()
        self.days = WEEK
        self.clinician_id: UUID | None = None

    def look(self) -> None:
        """Read the shown days again."""
        self._latest = asked = self._latest + 1
        wanted = None if self._with_today else self.first
        ahead = self._ahead
        days, clinician = self.days, self.clinician_id

        def read() -> Shown:
            day = wanted if wanted is not None else self._service.day() + ahead
            first = week_start(day) if days == WEEK else day
            return Shown(
                self._service.calendar(first, days, clinician),
                self._service.requested(WAITING_LIMIT, wait_list=False).rows,
                self._service.requested(WAITING_LIMIT, wait_list=True).rows,
                self._service.closed_without_time(CLOSED_LIMIT).rows,
            )

        def show(shown: Shown) -> None:
            if asked == self._latest:
                self.first, self._zone = shown.calendar.first, shown.calendar.zone
                if self._with_today:
                    self._with_today, self._today_known = not ahead, True
                    self._ahead = timedelta()
                self._view.show_calendar(shown)

        def fail(error: BaseException) -> None:
            if asked == self._latest:
                self._view.show_failure(error)

        self._jobs.submit(Lane.DATABASE, read, done=show, failed=fail)

    def turn(self, pages: int) -> None:
        """So many weeks (or days) on; zero comes back to today. Whoever goes on before today has
        come back goes on from there, not from what is still shown."""
        on = timedelta(days=pages * self.days)
        if pages == 0:
            self._with_today, self._today_known, self._ahead = True, False, timedelta()
        elif self._with_today and not self._today_known:
            self._ahead += on
        elif self.first is not None:
            try:
                self.first += on
            except OverflowError:
                return
            self._with_today = False
        self.look()

    def go_to(self, day: date) -> None:
        self.first, self._with_today, self._ahead = day, False, timedelta()
        self.look()

    def choose_days(self, days: int, today: date | None = None) -> None:
        """A week, or one day: today's when it lies in the week that was shown."""
        if self.first is not None and today is not None and days == 1 and self.days == WEEK:
            in_week = 0 <= (today - self.first).days < WEEK
            self.first = today if in_week else self.first
        self.days = days
        self.look()

    def choose_clinician(self, clinician_id: UUID | None) -> None:
        self.clinician_id = clinician_id
        self.look()

    def move(self, target: Target, *, anyway: bool = False) -> None:
        """Book the appointment for where it was dropped."""
        start = to_utc(target.start, self._zone)

        def work() -> AppointmentRow:
            self._service.reschedule(
                target.appointment_id, start, clinician_id=target.clinician_id, anyway=anyway
            )
            return self._service.get(target.appointment_id).row

        def done(row: AppointmentRow) -> None:
            at = f"{row.starts:%H:%M}" if row.starts else ""
            sentence = tr("The appointment is moved to {time}.").format(time=at)
            self._view.show_moved(sentence, target.appointment_id)

        def failed(error: BaseException) -> None:
            if isinstance(error, NotAvailable):
                self._view.ask_anyway(target, sentence_of(error))
            else:
                self._view.show_refusal(error)

        self._jobs.submit(Lane.DATABASE, work, done=done, failed=failed)

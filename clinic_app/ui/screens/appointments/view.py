"""The calendar with what waits for a decision beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QBoxLayout,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QWidget,
)

from clinic_app.domain.schedule import to_utc
from clinic_app.services.appointment_rows import AppointmentRow
from clinic_app.services.ics import CalendarFile
from clinic_app.services.saving import save_file
from clinic_app.ui.jobs import Lane
from clinic_app.ui.moments import DAYS, day_text
from clinic_app.ui.screens.appointments.confirming import confirm_bookings
from clinic_app.ui.screens.appointments.details import open_details
from clinic_app.ui.screens.appointments.geometry import Target, columns_of, shown_rows
from clinic_app.ui.screens.appointments.grid import CalendarGrid
from clinic_app.ui.screens.appointments.heads import ColumnHeads
from clinic_app.ui.screens.appointments.hours_sheet import open_hours
from clinic_app.ui.screens.appointments.presenter import WEEK, AppointmentsPresenter, Shown
from clinic_app.ui.screens.appointments.request_form import open_request_form
from clinic_app.ui.screens.appointments.side import WaitingList
from clinic_app.ui.screens.appointments.words import span_title, when, who
from clinic_app.ui.screens.base import Screen
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import scaled
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import (
    button,
    card,
    clear,
    column,
    icon_button,
    label,
    row,
    scrolling,
)
from clinic_app.ui.widgets.fields import choice
from clinic_app.ui.widgets.fitted import Fitted
from clinic_app.ui.widgets.flow import Flow
from clinic_app.ui.widgets.sheet import ask
from clinic_app.ui.widgets.states import Busy, Failure
from clinic_app.ui.workspace import Workspace

_SIDE = 264
_WIDEST_SIDE = 380
_BESIDE = 700
"""Of the screen's width, in pixels at 100 %: below it what waits goes under the calendar."""
_LEAST_CALENDAR, _LEAST_SIDE = 300, 180
"""Heights at 100%: the heads and four hours, and one request."""
_ANY = 16_777_215


class AppointmentsScreen(Fitted, Screen):
    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace.jobs, tr("Appointments"))
        self._workspace = workspace
        service = workspace.services.appointments
        self.presenter = AppointmentsPresenter(self, service, self.jobs)
        self._shown: Shown | None = None
        self.grid = CalendarGrid()
        self.grid.opened.connect(self._open)
        self.grid.moved.connect(self._ask_move)
        self.grid.wanted.connect(self._new_at)
        self.heads = ColumnHeads(self.grid)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(self.grid)
        self.area.horizontalScrollBar().valueChanged.connect(lambda _: self.heads.update())
        page, box = card(margin=1, gap=0)
        box.addWidget(self.heads)
        box.addWidget(self.area, 1)
        self._others = QWidget()
        self._others_box = column(self._others)
        self._others_box.addWidget(Busy(tr("Looking…")))
        self._stack = QStackedWidget()
        self._stack.addWidget(self._others)
        self._stack.addWidget(page)
        self._calendar_page = page
        self._late = False
        self.waiting = WaitingList(self._open)
        self._across = row(gap=2)
        self._across.addWidget(self._stack, 1)
        self._across.addWidget(self.waiting)
        content = QWidget()
        holder = column(content, margin=3, gap=2)
        holder.addLayout(self._top())
        holder.addWidget(self._chosen_line())
        holder.addWidget(self.clash)
        holder.addLayout(self._across, 1)
        self._page = scrolling(content)
        column(self).addWidget(self._page)
        self.grid.reached.connect(self._bring_into_view)
        self.grid.put_down.connect(self._catch_up)
        self.fit()

    def fit(self) -> None:
        """With large text the calendar takes the whole width, and the page scrolls: what waits
        stands below, and some hours of a day can be seen at once."""
        if not hasattr(self, "count"):  # the style came while this is being built
            return
        stacked = 0 < self.width() < scaled(_BESIDE)
        direction = QBoxLayout.Direction
        self._across.setDirection(direction.TopToBottom if stacked else direction.LeftToRight)
        side = min(scaled(_SIDE), _WIDEST_SIDE)
        self.waiting.setMinimumWidth(0 if stacked else side)
        self.waiting.setMaximumWidth(_ANY if stacked else side)
        self.waiting.setMinimumHeight(scaled(_LEAST_SIDE) if stacked else 0)
        self._stack.setMinimumHeight(scaled(_LEAST_CALENDAR) if stacked else 0)
        self.count.setContentsMargins(scaled(8), 0, 0, 0)

    def _bring_into_view(self, one: QWidget) -> None:
        for area in (self.area, self._page):
            area.ensureWidgetVisible(one, 0, scaled(12))

    # --- Screen ------------------------------------------------------------------------------

    def arrive(self) -> None:
        self.presenter.look()
        self.new.setFocus()

    def renew(self) -> None:
        self.presenter.look()

    def show_day(self, day: date) -> None:
        """The week of this day."""
        self.presenter.go_to(day)

    # --- AppointmentsView --------------------------------------------------------------------

    def show_calendar(self, shown: Shown) -> None:
        if self.grid.target() is not None:  # nobody's hand is to come away empty
            self._late = True
            return
        calendar = shown.calendar
        self._shown = shown
        self.span.setText(span_title(calendar.first, calendar.days))
        self._fill_clinicians(shown)
        columns = columns_of(calendar, self.presenter.clinician_id)
        self.grid.show_calendar(calendar, columns)
        self.heads.show_columns(columns, calendar)
        self.waiting.show_rows(shown.requests, shown.waiting, shown.closed)
        clashes = [row_ for row_ in calendar.rows if row_.appointment.conflicting]
        self.clash.setVisible(bool(clashes))
        self.clash.setText(
            tr("{number} appointments of these days collide with another one.").format(
                number=len(clashes)
            )
        )
        found = len(shown_rows(calendar))
        self.count.setText(
            tr("1 appointment") if found == 1 else tr("{n} appointments").format(n=found)
        )
        for flow in (self.turning, self.choosing):
            flow.refit()
        self._stack.setCurrentWidget(self._calendar_page)

    def show_failure(self, error: BaseException) -> None:
        clear(self._others_box)
        self._others_box.addWidget(Failure(explain(error), self.presenter.look))
        self._stack.setCurrentWidget(self._others)

    def show_moved(self, sentence: str, appointment_id: UUID) -> None:
        self._saved(sentence)
        confirm_bookings(self._workspace, [appointment_id])

    def show_refusal(self, error: BaseException) -> None:
        self._workspace.notices.report(error)
        self.presenter.look()

    def ask_anyway(self, target: Target, sentence: str) -> None:
        ask(
            self,
            title=tr("Outside the hours"),
            text=sentence,
            yes=tr("Move it all the same"),
            no=tr("Leave it where it was"),
            on_yes=lambda: self.presenter.move(target, anyway=True),
        )

    # --- inside ------------------------------------------------------------------------------

    def _catch_up(self) -> None:
        """An appointment was put down: what was read meanwhile can be shown now."""
        if self._late:
            self._late = False
            self.presenter.look()

    def _top(self) -> QHBoxLayout:
        top = row(gap=1)
        self.back = icon_button("", "back", "icon", lambda: self.presenter.turn(-1))
        self.back.setAccessibleName(tr("Earlier"))
        self.today = button(tr("Today"), "", lambda: self.presenter.turn(0))
        self.on = icon_button("", "forward", "icon", lambda: self.presenter.turn(1))
        self.on.setAccessibleName(tr("Later"))
        self.span = label("", "heading", wrap=False)
        turning = Flow()
        for widget in (self.back, self.today, self.on, self.span):
            turning.add(widget)
        self.turning = turning
        top.addWidget(turning, 1)
        self.hours = icon_button(tr("Hours and absences…"), "clock", "quiet", self._open_hours)
        self.new = icon_button(tr("New appointment"), "plus", "primary", self._new)
        top.addWidget(self.new, 0, Qt.AlignmentFlag.AlignTop)
        return top

    def _chosen_line(self) -> Flow:
        line = Flow()
        self.length = choice([(tr("Week"), WEEK), (tr("Day"), 1)])
        self.length.setAccessibleName(tr("Days shown"))
        self.length.currentIndexChanged.connect(lambda _: self._choose_days())
        self.clinician = choice([(tr("Everybody"), None)])
        self.clinician.setAccessibleName(tr("Whose calendar"))
        self.clinician.currentIndexChanged.connect(
            lambda _: self.presenter.choose_clinician(self.clinician.currentData())
        )
        self.count = label("", "small", wrap=False)
        self.clash = label("", "alarm")
        self.clash.hide()
        self.file = icon_button(tr("Calendar file…"), "save", "quiet", self._export)
        for widget in (self.length, self.clinician, self.hours, self.file, self.count):
            line.add(widget)
        self.choosing = line
        return line

    def _fill_clinicians(self, shown: Shown) -> None:
        wanted: list[tuple[UUID | None, str]] = [(None, tr("Everybody"))]
        wanted += [(one.id, one.display_name) for one in shown.calendar.clinicians]
        present = [
            (self.clinician.itemData(place), self.clinician.itemText(place))
            for place in range(self.clinician.count())
        ]
        if present == wanted:
            return
        self.clinician.blockSignals(True)
        self.clinician.clear()
        for clinician_id, name in wanted:
            self.clinician.addItem(name, clinician_id)
        place = self.clinician.findData(self.presenter.clinician_id)
        self.clinician.setCurrentIndex(max(place, 0))
        self.clinician.blockSignals(False)

    def _choose_days(self) -> None:
        today = self._shown.calendar.today if self._shown is not None else None
        self.presenter.choose_days(self.length.currentData(), today)

    def _saved(self, sentence: str) -> None:
        self._workspace.notices.tell(sentence)
        self.presenter.look()

    def _open(self, appointment_id: UUID) -> None:
        open_details(self, self._workspace, appointment_id, self._saved)

    def _open_hours(self) -> None:
        open_hours(self, self._workspace, self.presenter.look, self.presenter.clinician_id)

    def _new(self) -> None:
        open_request_form(self, self._workspace, self._saved)

    def _new_at(self, start: datetime, clinician_id: UUID | None) -> None:
        if self._shown is not None:
            moment = to_utc(start, self._shown.calendar.zone)
            open_request_form(
                self, self._workspace, self._saved, start=moment, clinician_id=clinician_id
            )

    def _ask_move(self, target: Target) -> None:
        row_ = self._row(target.appointment_id)
        if row_ is None:
            return
        day = f"{tr(DAYS[target.start.weekday()])}, {day_text(target.start.date())}"
        to = tr("{day}, {time}").format(day=day, time=f"{target.start:%H:%M}")
        name = self._name_of(target.clinician_id)
        if name and target.clinician_id != row_.clinician_id:
            to = tr("{to}, with {name}").format(to=to, name=name)
        ask(
            self,
            title=tr("Move the appointment of {name}?").format(name=who(row_)),
            text=tr("From {old}\nto {new}").format(old=when(row_), new=to),
            yes=tr("Move it"),
            no=tr("Leave it"),
            on_yes=lambda: self.presenter.move(target),
        )

    def _row(self, appointment_id: UUID) -> AppointmentRow | None:
        rows: Sequence[AppointmentRow] = self._shown.calendar.rows if self._shown else ()
        return next((one for one in rows if one.appointment.id == appointment_id), None)

    def _name_of(self, clinician_id: UUID | None) -> str:
        people = self._shown.calendar.clinicians if self._shown else ()
        return next((one.display_name for one in people if one.id == clinician_id), "")

    def _export(self) -> None:
        """What is shown, as a calendar file that names no patient."""
        if self._shown is None:
            return
        calendar = self._shown.calendar
        name = f"appointments-{calendar.first.isoformat()}.ics"
        dialog = QFileDialog(self, tr("Save the calendar file"), name, tr("Calendars (*.ics)"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("ics")
        if dialog.exec() != QDialog.DialogCode.Accepted or not dialog.selectedFiles():
            return
        self.save_calendar(Path(dialog.selectedFiles()[0]))

    def save_calendar(self, path: Path) -> None:
        """Write the shown days to ``path``."""
        assert self._shown is not None
        calendar, clinician = self._shown.calendar, self.presenter.clinician_id
        service = self._workspace.services.appointments

        def work() -> CalendarFile:
            made = service.export(calendar.first, calendar.days, clinician_id=clinician)
            save_file(made.text.encode(), path)
            return made

        def done(made: CalendarFile) -> None:
            self._workspace.notices.tell(
                tr("{number} appointments are saved; no patient is named.").format(
                    number=made.events
                )
            )

        def failed(error: BaseException) -> None:
            self._workspace.notices.report(error)

        self.jobs.submit(Lane.DATABASE, work, done=done, failed=failed)

"""A sheet for one clinician's week and absences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from clinic_app.domain.access import Action, allows
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.ids import new_id
from clinic_app.domain.schedule import Absence, WeeklyHours, to_local, to_utc
from clinic_app.services.availability import ABSENCE_REASON_LIMIT, AbsenceMade, Hours
from clinic_app.ui.jobs import Lane, ScreenJobs
from clinic_app.ui.moments import DAYS, day_text, parse_clock, parse_day
from clinic_app.ui.screens.base import read_then_open
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import UNIT
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import button, clear, column, label, line, row
from clinic_app.ui.widgets.fields import Field, Fields, choice, text_edit
from clinic_app.ui.widgets.sheet import Sheet, ask
from clinic_app.ui.workspace import Workspace

Found = tuple[list[Hours], list[Absence], str]


def open_hours(
    above: QWidget, workspace: Workspace, changed: Callable[[], object], clinician_id: UUID | None
) -> None:
    """Read everybody's hours, then show the sheet; ``changed`` is called after each change."""
    service, appointments = workspace.services.availability, workspace.services.appointments

    def read() -> Found:
        return service.hours(), service.absences(), appointments.zone()

    def show(found: Found) -> None:
        HoursSheet(above, workspace, changed, found, clinician_id)

    read_then_open(above, workspace, read, show)


class HoursSheet:
    """Hours are typed as ``9:00-12:00, 13:00-17:00``, one line a day; empty means closed."""

    def __init__(
        self,
        above: QWidget,
        workspace: Workspace,
        changed: Callable[[], object],
        found: Found,
        clinician_id: UUID | None,
    ) -> None:
        self._service = workspace.services.availability
        self._appointments = workspace.services.appointments
        self._notices = workspace.notices
        self._jobs = ScreenJobs(workspace.jobs)
        self._held, self._entry_id = False, new_id()
        self._changed = changed
        self._hours, self._absences, self._zone = found
        self._me = workspace.services.session.user
        self._any = allows(self._me.role, Action.EDIT_ANY_AVAILABILITY)
        content = QWidget()
        box = column(content, margin=3, gap=2)
        box.addWidget(label(tr("Hours and absences"), "heading"))
        self.clinician = choice(
            (one.clinician.display_name, one.clinician.id) for one in self._hours
        )
        box.addWidget(Field(tr("Clinician"), self.clinician))
        self.note = label("", "small")
        box.addWidget(self.note)
        self.days: list[QLineEdit] = []
        box.addLayout(self._week())
        self.trouble = label("", "error")
        self.trouble.hide()
        box.addWidget(self.trouble)
        self.save = button(tr("Save the week"), "primary", self._save)
        send = row()
        send.addStretch(1)
        send.addWidget(self.save)
        box.addLayout(send)
        box.addWidget(line())
        box.addWidget(label(tr("Absences"), "strong"))
        self._list = column(gap=0)
        box.addLayout(self._list)
        self.away = self._absence_form()
        box.addWidget(self.away)
        self.sheet = Sheet(above, content, name=tr("Hours and absences"), width=600)
        self.sheet.closed.connect(self._jobs.drop)
        last = row()
        last.addStretch(1)
        self.close = button(tr("Close"), "", self.sheet.dismiss)
        last.addWidget(self.close)
        box.addLayout(last)
        self.clinician.setCurrentIndex(max(self.clinician.findData(clinician_id or self._me.id), 0))
        self.clinician.currentIndexChanged.connect(lambda _: self._turn_to_another())
        self._show()
        self.sheet.open(self.days[0])

    # --- the week ----------------------------------------------------------------------------

    def _week(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * UNIT)
        grid.setVerticalSpacing(UNIT // 2)
        for number, day in enumerate(DAYS):
            edit = text_edit(tr("closed"), limit=120)
            edit.setAccessibleName(tr("Hours on {day}").format(day=tr(day)))
            edit.returnPressed.connect(self._save)
            grid.addWidget(label(tr(day), wrap=False), number, 0)
            grid.addWidget(edit, number, 1)
            self.days.append(edit)
        grid.setColumnStretch(1, 1)
        return grid

    def _show(self) -> None:
        one = self._present()
        self._shown = one.clinician.id
        for number, edit in enumerate(self.days):
            spans = [span for span in one.availability.hours if span.weekday == number]
            edit.setText(", ".join(span_text(span) for span in spans))
        mine = self._mine = self._any or one.clinician.id == self._me.id
        for widget in (*self.days, self.save, self.away):
            widget.setEnabled(mine)
        if not mine:
            text = tr("Only {name} or an administrator can change this.").format(
                name=one.clinician.display_name
            )
        elif one.own:
            text = tr("For example 9:00-12:00, 13:00-17:00. On the clinic's clocks: {zone}.")
        else:
            text = tr("These are the clinic's opening hours, until you save others. {zone}.")
        self.note.setText(text.replace("{zone}", self._zone))
        self.sheet.take_as_stored(self.clinician, *self.days)
        self._show_absences(mine)

    def _turn_to_another(self) -> None:
        """The week of another clinician; hours that are typed and not saved do not go unasked."""
        wanted = self.clinician.currentIndex()
        if not self.sheet.differs(*self.days):
            self._show()
            return
        self._turn_to(self.clinician.findData(self._shown))

        def leave() -> None:
            self._turn_to(wanted)
            self._show()

        ask(
            self.sheet,
            title=tr("What you entered would be lost"),
            text=tr("The week of {name} is not saved yet.").format(
                name=self._present().clinician.display_name
            ),
            yes=tr("Leave without it"),
            no=tr("Stay here"),
            danger=True,
            on_yes=leave,
        )

    def _turn_to(self, place: int) -> None:
        self.clinician.blockSignals(True)
        self.clinician.setCurrentIndex(place)
        self.clinician.blockSignals(False)

    def _present(self) -> Hours:
        chosen = self.clinician.currentData()
        return next(one for one in self._hours if one.clinician.id == chosen)

    def _save(self) -> None:
        if self._held:
            return
        self.trouble.hide()
        one = self._present()
        try:
            hours = [
                span
                for number, edit in enumerate(self.days)
                for span in parse_spans(number, edit.text())
            ]
        except InvalidInput as error:
            self._tell(error)
            return
        self._hold(True)
        self._jobs.submit(
            Lane.DATABASE,
            lambda: self._service.set_hours(one.clinician.id, hours),
            done=lambda _: self._again(tr("The week is saved."), week=True),
            failed=self._tell,
        )

    # --- absences ----------------------------------------------------------------------------

    def _absence_form(self) -> QWidget:
        holder = QWidget()
        self.first = text_edit(tr("day.month.year"))
        self.last = text_edit(tr("the same day"))
        self.reason = text_edit(limit=ABSENCE_REASON_LIMIT)
        self.fields = Fields(
            {
                "start": Field(tr("From"), self.first),
                "end": Field(tr("Until"), self.last, optional=True),
                "reason": Field(tr("Reason"), self.reason, optional=True),
            }
        )
        across = row(holder, gap=2)
        for name in ("start", "end", "reason"):
            across.addWidget(self.fields[name], 1)
        self.add = button(tr("Add"), "", self._add_absence)
        self.add.setAccessibleName(tr("Add the absence"))
        across.addWidget(self.add, 0, Qt.AlignmentFlag.AlignBottom)
        return holder

    def _show_absences(self, mine: bool) -> None:
        clear(self._list)
        present = self._present().clinician.id
        shown = [one for one in self._absences if one.clinician_id == present]
        for one in shown:
            across = row(gap=1)
            across.addWidget(label(self._absence_text(one)), 1)
            if mine:
                back = button(tr("Take back"), "link", partial(self._take_back, one))
                text = self._absence_text(one)
                back.setAccessibleName(tr("Take back: {text}").format(text=text))
                across.addWidget(back)
            self._list.addLayout(across)
        if not shown:
            self._list.addWidget(label(tr("No absence to come."), "muted"))

    def _absence_text(self, one: Absence) -> str:
        start, end = to_local(one.start, self._zone), to_local(one.end, self._zone)
        last = end.date() if end.time() != time(0) else date_before(end)
        text = day_text(start.date())
        if last > start.date():
            text = tr("{start} to {end}").format(start=text, end=day_text(last))
        return f"{text} · {one.reason}" if one.reason else text

    def _add_absence(self) -> None:
        if self._held:
            return
        self.fields.clear_errors()
        self.trouble.hide()
        try:
            start, end = self._absence_span()
        except InvalidInput as error:
            self.fields.show_error(error)
            return
        who, reason = self._present().clinician.id, self.reason.text()
        entry_id = self._entry_id
        self._hold(True)

        def done(made: AbsenceMade) -> None:
            self._entry_id = new_id()
            for edit in (self.first, self.last, self.reason):
                edit.clear()
            if made.booked:
                self._notices.warn(
                    tr("{number} booked appointments lie in this absence.").format(
                        number=made.booked
                    )
                )
            self._again(tr("The absence is added."))

        def failed(error: BaseException) -> None:
            self._hold(False)
            if not (isinstance(error, InvalidInput) and self.fields.show_error(error)):
                self._tell(error)

        self._jobs.submit(
            Lane.DATABASE,
            lambda: self._service.add_absence(who, start, end, reason, entry_id=entry_id),
            done=done,
            failed=failed,
        )

    def _absence_span(self) -> tuple[datetime, datetime]:
        """From midnight to midnight on the clinic's clocks."""
        try:
            first = parse_day(self.first.text())
        except InvalidInput as error:
            raise InvalidInput("start", error.sentence) from error
        try:
            last = parse_day(self.last.text()) if self.last.text().strip() else first
        except InvalidInput as error:
            raise InvalidInput("end", error.sentence) from error
        try:
            after = last + timedelta(days=1)
            end = to_utc(datetime.combine(after, time()), self._zone)
        except (OverflowError, InvalidInput) as error:  # as who means "until further notice"
            raise InvalidInput("end", "This day is too far away.") from error
        return to_utc(datetime.combine(first, time()), self._zone), end

    def _take_back(self, one: Absence) -> None:
        if self._held:
            return
        self._hold(True)
        self._jobs.submit(
            Lane.DATABASE,
            lambda: self._service.take_back_absence(one.id),
            done=lambda _: self._again(tr("The absence is taken back.")),
            failed=self._tell,
        )

    # --- inside ------------------------------------------------------------------------------

    def _again(self, sentence: str, *, week: bool = False) -> None:
        """Read again; hours that are typed and not saved yet stay unless the ``week`` was."""
        self._notices.tell(sentence)
        self._changed()

        def read() -> tuple[list[Hours], list[Absence]]:
            return self._service.hours(), self._service.absences()

        def show(found: tuple[Sequence[Hours], Sequence[Absence]]) -> None:
            self._hold(False)
            self._hours, self._absences = list(found[0]), list(found[1])
            if week:
                self._show()
            else:
                self._show_absences(self._mine)

        self._jobs.submit(Lane.DATABASE, read, done=show, failed=self._tell)

    def _hold(self, held: bool) -> None:
        """Until it is stored and read again nothing can be typed, sent or turned to: the fields are
        filled anew then, and a key pressed meanwhile would be lost without a word."""
        self._held = held
        self.sheet.hold(held, self.close)
        self.clinician.setEnabled(not held)
        for edit in (*self.days, self.first, self.last, self.reason):
            edit.setReadOnly(held)

    def _tell(self, error: BaseException) -> None:
        self._hold(False)
        self.trouble.setText(explain(error))
        self.trouble.show()


def span_text(span: WeeklyHours) -> str:
    """As in "9:00-17:00"; midnight at the end of the day is 24:00."""
    closes = "24:00" if span.closes == time(0) else f"{span.closes.hour}:{span.closes:%M}"
    return f"{span.opens.hour}:{span.opens:%M}-{closes}"


def parse_spans(weekday: int, text: str) -> list[WeeklyHours]:
    """``9:00-12:00, 13:00-17:00``; raises ``InvalidInput`` naming the day."""
    made = []
    for part in (one.strip() for one in text.replace("–", "-").split(",")):
        if not part:
            continue
        opens, _, closes = part.partition("-")
        try:
            end = time(0) if closes.strip() in ("24", "24:00") else parse_clock(closes)
            made.append(WeeklyHours(weekday, parse_clock(opens), end))
        except InvalidInput as error:
            raise InvalidInput(
                "hours",
                tr("{day}: please type the hours as 9:00-17:00.").format(day=tr(DAYS[weekday])),
            ) from error
    return made


def date_before(moment: datetime) -> date:
    """The day before this moment's."""
    return moment.date() - timedelta(days=1)

"""Choosing when, how long and with whom, beside the first times that are free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.people import StaffUser
from clinic_app.domain.schedule import LONGEST_MINUTES, to_local, to_utc
from clinic_app.services.availability import FreeTime
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.moments import parse_clock, parse_day, short_day_text
from clinic_app.ui.screens.appointments.number_edit import NumberEdit
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import button, clear, column, label, row
from clinic_app.ui.widgets.fields import Field, Fields, choice, text_edit
from clinic_app.ui.widgets.flow import Flow
from clinic_app.ui.workspace import Workspace

_OFFERED = 6


@dataclass(frozen=True, slots=True)
class Chosen:
    """``start`` is in UTC; ``None`` when no time was typed."""

    start: datetime | None
    minutes: int
    clinician_id: UUID | None


class TimeFields(QWidget):
    """Times are typed and shown on the clinic's clocks."""

    def __init__(
        self,
        workspace: Workspace,
        jobs: Jobs,
        clinicians: Sequence[StaffUser],
        zone: str,
        minutes: int,
        *,
        optional: bool = False,
    ) -> None:
        super().__init__()
        self._service = workspace.services.appointments
        self._jobs = jobs
        self._zone = zone
        self._asked = 0
        self._patient_id: UUID | None = None
        self.day = text_edit(tr("day.month.year"))
        self.clock = text_edit(tr("e.g. 14:30"))
        self.minutes = NumberEdit(1, LONGEST_MINUTES, minutes, step=5)
        self.clinician = choice(
            [(tr("Whoever is free"), None), *((one.display_name, one.id) for one in clinicians)]
        )
        self.fields = Fields(
            {
                "start": Field(tr("Day"), self.day, optional=optional),
                "time": Field(tr("Time"), self.clock, optional=optional),
                "minutes": Field(tr("Minutes"), self.minutes),
                "clinician": Field(tr("With"), self.clinician),
            }
        )
        box = column(self, gap=2)
        top = row(gap=2)
        top.addWidget(self.fields["clinician"], 2, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.fields["minutes"], 1, Qt.AlignmentFlag.AlignTop)
        box.addLayout(top)
        box.addWidget(label(tr("First free times"), "strong"))
        self._offers = column(gap=0)
        box.addLayout(self._offers)
        line = row(gap=2)
        for name in ("start", "time"):
            line.addWidget(self.fields[name], 1, Qt.AlignmentFlag.AlignTop)
        box.addLayout(line)
        self.offers: list[QPushButton] = []
        self.clinician.currentIndexChanged.connect(lambda _: self.offer())
        self.minutes.editingFinished.connect(self.offer)

    def set_patient(self, patient_id: UUID | None) -> None:
        """Offer times at which this person is free as well."""
        self._patient_id = patient_id
        self.offer()

    def set_time(self, start: datetime, clinician_id: UUID | None, minutes: int = 0) -> None:
        """Fill in a moment (time-zone aware)."""
        local = to_local(start, self._zone)
        self.day.setText(local.date().isoformat())
        self.clock.setText(f"{local:%H:%M}")
        if minutes:
            self.minutes.setValue(minutes)
        self.clinician.blockSignals(True)
        self.clinician.setCurrentIndex(max(self.clinician.findData(clinician_id), 0))
        self.clinician.blockSignals(False)

    def chosen(self) -> Chosen:
        """What was typed; raises ``InvalidInput``."""
        day, clock = self.day.text().strip(), self.clock.text().strip()
        minutes, clinician = self.minutes.value(), self.clinician.currentData()
        if not day and not clock:
            return Chosen(None, minutes, clinician)
        try:
            on = parse_day(day)
        except InvalidInput as error:
            raise InvalidInput("start", error.sentence) from error
        start = to_utc(datetime.combine(on, parse_clock(clock)), self._zone)
        return Chosen(start, minutes, clinician)

    def offer(self) -> None:
        """Look up the first free times."""
        self._asked = asked = self._asked + 1
        minutes, clinician = self.minutes.value(), self.clinician.currentData()
        patient_id = self._patient_id

        def look() -> list[FreeTime]:
            found = self._service.free_times(
                clinician_id=clinician, patient_id=patient_id, minutes=minutes, limit=3 * _OFFERED
            )
            once = {one.start: one for one in reversed(found)}  # the first who is free then
            return [once[start] for start in sorted(once)][:_OFFERED]

        def show(found: list[FreeTime]) -> None:
            if asked == self._asked:
                self._show(found)

        def fail(error: BaseException) -> None:
            clear(self._offers)
            self._offers.addWidget(label(explain(error), "error"))

        self._jobs.submit(Lane.DATABASE, look, done=show, failed=fail)

    def _show(self, found: Sequence[FreeTime]) -> None:
        clear(self._offers)
        self.offers = []
        if not found:
            text = tr("Nothing is free in the next weeks.")
            self._offers.addWidget(label(text, "muted"))
            return
        chips = Flow()
        for one in found:
            made = button(free_text(one), "chip", partial(self._take, one))
            made.setToolTip(one.clinician_name)
            made.setAccessibleName(f"{free_text(one)}, {one.clinician_name}")
            chips.add(made)
            self.offers.append(made)
        self._offers.addWidget(chips)

    def _take(self, one: FreeTime) -> None:
        self.set_time(one.start, one.clinician_id)
        self.fields.clear_errors()


def free_text(one: FreeTime) -> str:
    """As in "Mon 23 Nov, 10:00"."""
    return f"{short_day_text(one.starts.date())}, {one.starts:%H:%M}"

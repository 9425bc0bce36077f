"""When the clinic is open, a line a day."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import time
from typing import Any

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.people import ClinicProfile
from clinic_app.domain.schedule import WeeklyHours
from clinic_app.ui.jobs import Jobs
from clinic_app.ui.moments import DAYS, parse_clock
from clinic_app.ui.screens.admin.profile.form import ProfileSection
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.fields import text_edit
from clinic_app.ui.workspace import Workspace


class HoursSection(ProfileSection):
    def __init__(
        self, workspace: Workspace, jobs: Jobs, saved: Callable[[ClinicProfile], None]
    ) -> None:
        super().__init__(
            workspace,
            jobs,
            saved,
            tr("Opening hours"),
            tr(
                "Local time. Appointments are offered within these hours; each clinician's own"
                " availability comes on top."
            ),
        )

    def build(self) -> None:
        box = self.card("", tr("As in “09:00-12:30, 13:30-17:00”. An empty day is closed."))
        self.days = [text_edit(tr("closed"), limit=80) for _ in DAYS]
        named = [
            (f"day_{number}", tr(day), edit)
            for number, (day, edit) in enumerate(zip(DAYS, self.days, strict=True))
        ]
        for first in range(0, len(named), 2):
            self.line(box, *named[first : first + 2], places=2)

    def fill(self, profile: ClinicProfile) -> None:
        for number, edit in enumerate(self.days):
            spans = [one for one in profile.opening_hours if one.weekday == number]
            edit.setText(", ".join(f"{one.opens:%H:%M}-{one.closes:%H:%M}" for one in spans))

    def typed(self) -> Mapping[str, Any]:
        hours = [
            one for number, edit in enumerate(self.days) for one in read_hours(number, edit.text())
        ]
        return {"opening_hours": tuple(hours)}

    def show_error(self, error: InvalidInput) -> None:
        if error.field != "hours":
            super().show_error(error)
            return
        for number, edit in enumerate(self.days):  # the rule is about one day: find which
            spans = list(read_hours(number, edit.text()))
            ends = [one.closes for one in spans]
            wrong = any(one.closes <= one.opens and one.closes != time(0) for one in spans)
            clash = any(one.opens < end for one, end in zip(spans[1:], ends, strict=False))
            if wrong or clash:
                super().show_error(InvalidInput(f"day_{number}", error.sentence))
                return
        self.workspace.notices.report(error)


def read_hours(weekday: int, text: str) -> Iterator[WeeklyHours]:
    """The spans of a typed day, in order; raises ``InvalidInput`` for field ``day_N``."""
    field = f"day_{weekday}"
    found = []
    for part in filter(None, (one.strip() for one in re.split(r"[,;]", text))):
        ends = re.split(r"\s*[-\u2013\u2014]\s*", part)
        if len(ends) != 2:
            raise InvalidInput(field, tr("Please type spans such as 09:00-12:30, 13:30-17:00."))
        try:
            opens, closes = (_clock(one) for one in ends)
        except InvalidInput as error:
            raise InvalidInput(field, error.sentence) from error
        found.append(WeeklyHours(weekday, opens, closes))
    yield from sorted(found, key=lambda one: one.opens)


def _clock(text: str) -> time:
    """As people type it; 24:00 is midnight at the end of the day."""
    return time(0) if text in ("24", "24:00") else parse_clock(text)

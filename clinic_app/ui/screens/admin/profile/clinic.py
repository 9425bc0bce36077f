"""What the clinic is called, how to reach it, and what its calendar and paper look like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import available_timezones

from clinic_app.domain.people import ClinicProfile
from clinic_app.services.profile import PAGE_SIZES
from clinic_app.ui.jobs import Jobs
from clinic_app.ui.screens.admin.profile.form import ProfileSection, whole_number
from clinic_app.ui.screens.admin.section import modest
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.fields import choice, text_edit
from clinic_app.ui.workspace import Workspace

_TEXTS = ("name", "address", "phone", "email", "jurisdiction")


class ClinicSection(ProfileSection):
    def __init__(
        self, workspace: Workspace, jobs: Jobs, saved: Callable[[ClinicProfile], None]
    ) -> None:
        super().__init__(
            workspace,
            jobs,
            saved,
            tr("Name and contact"),
            tr("Stands on every screen, at the top of every report, and in the calendar."),
        )

    def build(self) -> None:
        self.texts = {name: text_edit(limit=240) for name in _TEXTS}
        box = self.card(tr("The clinic"))
        self.line(box, ("clinic_name", tr("Name of the clinic"), self.texts["name"]))
        self.line(box, ("address", tr("Address"), self.texts["address"]), optional=True)
        self.line(
            box,
            ("phone", tr("Phone"), self.texts["phone"]),
            ("email", tr("E-mail"), self.texts["email"]),
            optional=True,
        )
        self.line(
            box,
            ("jurisdiction", tr("Country or jurisdiction"), self.texts["jurisdiction"]),
            optional=True,
        )
        box = self.card(tr("Calendar and paper"))
        self.zone = modest(choice((name, name) for name in sorted(available_timezones())))
        self.minutes = text_edit(limit=3)
        self.line(
            box,
            ("time_zone", tr("Time zone"), self.zone),
            ("appointment_minutes", tr("Usual appointment, in minutes"), self.minutes),
        )
        self.paper = choice((size, size) for size in PAGE_SIZES)
        self.languages = text_edit(tr("e.g. en, ar"), limit=200)
        self.line(
            box,
            ("page_size", tr("Page size of reports"), self.paper),
            ("languages", tr("Languages spoken, as codes"), self.languages),
        )

    def fill(self, profile: ClinicProfile) -> None:
        for name, edit in self.texts.items():
            edit.setText(str(getattr(profile, name)))
        if self.zone.findData(profile.time_zone) < 0:
            self.zone.addItem(profile.time_zone, profile.time_zone)
        self.zone.setCurrentIndex(self.zone.findData(profile.time_zone))
        self.minutes.setText(str(profile.appointment_minutes))
        self.paper.setCurrentIndex(self.paper.findData(profile.page_size))
        self.languages.setText(", ".join(profile.languages))

    def typed(self) -> Mapping[str, Any]:
        codes = self.languages.text().replace(",", " ").split()
        return {
            **{name: edit.text() for name, edit in self.texts.items()},
            "time_zone": self.zone.currentData(),
            "appointment_minutes": whole_number(self.minutes, "appointment_minutes"),
            "page_size": self.paper.currentData(),
            "languages": tuple(codes),
        }

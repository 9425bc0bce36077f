"""Words of the site: what reports suggest per band, and the lists that forms offer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from clinic_app.domain.people import ClinicProfile
from clinic_app.domain.questionnaires import INSTRUMENTS, InstrumentName
from clinic_app.domain.site import BandText
from clinic_app.ui.jobs import Jobs
from clinic_app.ui.screens.admin.profile.form import ProfileSection
from clinic_app.ui.strings import score_band_text, tr
from clinic_app.ui.widgets.basics import column
from clinic_app.ui.widgets.fields import Field, long_text, text_edit
from clinic_app.ui.workspace import Workspace


class TextsSection(ProfileSection):
    def __init__(
        self, workspace: Workspace, jobs: Jobs, saved: Callable[[ClinicProfile], None]
    ) -> None:
        super().__init__(
            workspace,
            jobs,
            saved,
            tr("Texts in reports"),
            tr(
                "What a report suggests for each band of a questionnaire, with its source printed"
                " beside it. They are options for the clinician, and the clinic answers for them."
            ),
        )

    def build(self) -> None:
        self.texts: dict[tuple[InstrumentName, str], tuple[QPlainTextEdit, QLineEdit]] = {}
        for name, instrument in INSTRUMENTS.items():
            said = ""
            if name is InstrumentName.GAD7:
                said = tr("No default: the GAD-7 has no sourced text per band. Write your own.")
            box = self.card(instrument.title, said)
            for band in instrument.bands:
                text, source = long_text(lines=2), text_edit(tr("Source"), limit=300)
                title = f"{instrument.title} {band.low}–{band.high}, {score_band_text(band.label)}"
                source.setAccessibleName(tr("Source of the text for {band}").format(band=title))
                inner = column(gap=1)
                field = Field(f"{band.low}–{band.high} · {score_band_text(band.label)}", text)
                text.setAccessibleName(title)
                text.setMaximumHeight(text.minimumHeight())
                inner.addWidget(field)
                inner.addWidget(source)
                box.addLayout(inner)
                self.texts[name, band.label] = (text, source)

    def fill(self, profile: ClinicProfile) -> None:
        known = {(one.instrument, one.band): one for one in profile.band_texts}
        for key, (text, source) in self.texts.items():
            one = known.get(key)
            text.setPlainText(one.text if one else "")
            source.setText(one.source if one else "")

    def typed(self) -> Mapping[str, Any]:
        made = [
            BandText(instrument, band, text.toPlainText().strip(), source.text().strip())
            for (instrument, band), (text, source) in self.texts.items()
        ]
        return {"band_texts": tuple(one for one in made if one.text or one.source)}


class ListsSection(ProfileSection):
    def __init__(
        self, workspace: Workspace, jobs: Jobs, saved: Callable[[ClinicProfile], None]
    ) -> None:
        super().__init__(
            workspace,
            jobs,
            saved,
            tr("Lists"),
            tr("What forms offer, one entry a line. Records that were made keep their words."),
        )

    def build(self) -> None:
        self.lists = {name: long_text(lines=11) for name in _LISTS}
        for name, (caption, text) in _LISTS.items():
            box = self.card(tr(caption), tr(text))
            field = Field(tr("One a line"), self.lists[name])
            self.lists[name].setAccessibleName(tr(caption))
            field.caption.hide()
            self.fields.add(name, field)
            box.addWidget(field)

    def fill(self, profile: ClinicProfile) -> None:
        for name, edit in self.lists.items():
            edit.setPlainText("\n".join(getattr(profile, name)))

    def typed(self) -> Mapping[str, Any]:
        return {
            name: tuple(filter(None, (one.strip() for one in edit.toPlainText().splitlines())))
            for name, edit in self.lists.items()
        }


_LISTS = {
    "intervention_kinds": ("Kinds of intervention", "Offered when an intervention is recorded."),
    "safety_plan_headings": (
        "Headings of the safety plan",
        "Our own wording; put the headings of your own form in their place.",
    ),
}

"""What a screening consists of here: where, which questionnaires, whether with a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from clinic_app.domain.people import ClinicProfile, DeploymentContext
from clinic_app.domain.questionnaires import INSTRUMENTS
from clinic_app.domain.site import ReliableChange
from clinic_app.ui.jobs import Jobs
from clinic_app.ui.screens.admin.profile.form import ProfileSection, whole_number
from clinic_app.ui.screens.admin.section import modest
from clinic_app.ui.strings import CONTEXT_LABELS, tr
from clinic_app.ui.widgets.basics import card, label
from clinic_app.ui.widgets.fields import choice, text_edit
from clinic_app.ui.widgets.tick import Tick
from clinic_app.ui.workspace import Workspace

_NO_FACE = (DeploymentContext.SCHOOL, DeploymentContext.WORKPLACE)


class ScreeningSection(ProfileSection):
    def __init__(
        self, workspace: Workspace, jobs: Jobs, saved: Callable[[ClinicProfile], None]
    ) -> None:
        super().__init__(
            workspace,
            jobs,
            saved,
            tr("Screening"),
            tr("Where the program is used, which questionnaires are asked, and what counts."),
        )

    def build(self) -> None:
        box = self.card(tr("Where the program is used"))
        self.context = modest(choice((tr(words), one) for one, words in CONTEXT_LABELS.items()))
        self.line(box, ("deployment_context", tr("Place"), self.context))
        self.face = Tick(tr("Offer a picture in screenings"))
        box.addWidget(self.face)
        self._note, note = card(role="warning", margin=2)
        note.addWidget(
            label(
                tr(
                    "At schools and workplaces the face module is off whatever stands here (EU AI"
                    " Act, article 5(1)(f)). PHQ-9, GAD-7, your judgement, notes and reports work"
                    " as everywhere."
                )
            )
        )
        box.addWidget(self._note)
        self.context.currentIndexChanged.connect(lambda _: self._follow())
        box = self.card(
            tr("Questionnaires"), tr("Switched-off ones are not asked in new screenings.")
        )
        self.instruments = {name: Tick(one.title) for name, one in INSTRUMENTS.items()}
        for tick in self.instruments.values():
            box.addWidget(tick)
        box = self.card(
            tr("Reliable change"),
            tr(
                "From how many points a change of the total is marked on the chart. The sourced"
                " defaults are 5 for the PHQ-9 (NHS Talking Therapies: 6) and 4 for the GAD-7."
            ),
        )
        self.phq9, self.gad7 = text_edit(limit=2), text_edit(limit=2)
        self.line(
            box,
            ("reliable_change", tr("PHQ-9, in points"), self.phq9),
            ("reliable_gad7", tr("GAD-7, in points"), self.gad7),
        )
        box = self.card(
            tr("Safety steps"),
            tr("How long steps that were handed to a colleague may wait before they are urgent."),
        )
        self.escalation = text_edit(limit=3)
        self.line(box, ("safety_escalation_minutes", tr("Minutes"), self.escalation))

    def fill(self, profile: ClinicProfile) -> None:
        self.context.setCurrentIndex(self.context.findData(profile.deployment_context))
        self.face.setChecked(profile.face_module)
        for name, tick in self.instruments.items():
            tick.setChecked(name in profile.instruments)
        self.phq9.setText(str(profile.reliable_change.phq9))
        self.gad7.setText(str(profile.reliable_change.gad7))
        self.escalation.setText(str(profile.safety_escalation_minutes))
        self._follow()

    def typed(self) -> Mapping[str, Any]:
        change = ReliableChange(
            whole_number(self.phq9, "reliable_change"), whole_number(self.gad7, "reliable_gad7")
        )
        return {
            "deployment_context": DeploymentContext(self.context.currentData()),
            "face_module": self.face.isChecked(),
            "instruments": tuple(n for n, tick in self.instruments.items() if tick.isChecked()),
            "reliable_change": change,
            "safety_escalation_minutes": whole_number(self.escalation, "safety_escalation_minutes"),
        }

    def _follow(self) -> None:
        off = DeploymentContext(self.context.currentData()) in _NO_FACE
        self._note.setVisible(off)
        self.face.setEnabled(not off)

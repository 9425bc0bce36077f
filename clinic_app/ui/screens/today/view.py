"""The first screen after signing in."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from clinic_app.domain.clock import utc_now
from clinic_app.domain.safety import SafetyState
from clinic_app.services.safety import OpenFlow
from clinic_app.services.timeline import DraftRow
from clinic_app.ui.icons import icon
from clinic_app.ui.moments import long_day_text, near_text
from clinic_app.ui.screens.base import Screen
from clinic_app.ui.screens.today.presenter import TodayPresenter, Waiting, progress_of
from clinic_app.ui.strings import TRIGGER_SENTENCES, tr
from clinic_app.ui.theme import UNIT
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import (
    button,
    card,
    clear,
    column,
    frame,
    icon_button,
    label,
    row,
    scrolling,
)
from clinic_app.ui.widgets.containers import Centred, Columns
from clinic_app.ui.widgets.fields import text_edit
from clinic_app.ui.widgets.states import Busy, Emptiness, Failure, picture
from clinic_app.ui.workspace import Navigator, Workspace


class TodayScreen(Screen):
    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace.jobs, tr("Today"))
        self._workspace = workspace
        self.presenter = TodayPresenter(self, workspace.services, self.jobs)
        columns = Columns(break_at=860, side_width=320)
        self._list: QVBoxLayout = columns.main_box
        self._list.addWidget(Busy(tr("Looking…")))
        self._list.addStretch(1)
        columns.side_box.addWidget(self._find_card())
        columns.side_box.addWidget(_offline_card())
        columns.side_box.addStretch(1)
        holder = QWidget()
        box = column(holder, margin=4)
        box.addWidget(Centred(columns, 1400))
        column(self).addWidget(scrolling(holder))
        self.record = long_day_text(utc_now().astimezone().date())

    def arrive(self) -> None:
        self.set_heading(self.title, long_day_text(utc_now().astimezone().date()))
        self.presenter.look()
        self.wanted.setFocus()

    def show_waiting(self, waiting: Waiting) -> None:
        clear(self._list)
        now = utc_now()
        if waiting.flows:
            self._list.addWidget(_heading(tr("Safety steps to finish"), len(waiting.flows)))
            for flow in waiting.flows:
                self._list.addWidget(self._flow_card(flow, now))
        if waiting.drafts:
            self._list.addWidget(_heading(tr("Screenings to finish"), len(waiting.drafts)))
            pinned = {one.flow.screening_id for one in waiting.flows}
            for draft in waiting.drafts:
                self._list.addWidget(self._draft_card(draft, now, draft.draft.id in pinned))
        if not waiting.flows and not waiting.drafts:
            holder, box = card()
            box.addWidget(
                Emptiness(
                    "check",
                    tr("Nothing is waiting"),
                    tr("Find a patient or register a new one to begin."),
                )
            )
            self._list.addWidget(holder)
        self._list.addStretch(1)

    def show_failure(self, error: BaseException) -> None:
        clear(self._list)
        self._list.addWidget(Failure(explain(error), self.presenter.look))
        self._list.addStretch(1)

    def _flow_card(self, one: OpenFlow, now: datetime) -> QFrame:
        made = frame("edged")
        made.setAccessibleName(tr("Safety steps for {name}").format(name=one.patient.display_name))
        line = row(made, margin=2, gap=2)
        line.addWidget(picture("shield", 28, "danger"), 0, Qt.AlignmentFlag.AlignTop)
        words = column()
        words.setSpacing(4)
        words.addWidget(label(one.patient.display_name, "heading"))
        if one.flow.state is SafetyState.HANDED_OVER:
            said = tr("Handed to {name}, who has not taken over yet.").format(
                name=one.flow.handed_to
            )
        else:
            said = tr(TRIGGER_SENTENCES[one.flow.trigger])
        words.addWidget(label(said))
        words.addWidget(
            label(tr("Open since {when}").format(when=near_text(one.flow.opened_at, now)), "small")
        )
        line.addLayout(words, 1)
        go = button(tr("Safety steps"), "primary", lambda: self._open_flow(one))
        go.setAccessibleName(
            tr("Open the safety steps for {name}").format(name=one.patient.display_name)
        )
        line.addWidget(go, 0, Qt.AlignmentFlag.AlignVCenter)
        return made

    def _draft_card(self, one: DraftRow, now: datetime, pinned: bool) -> QFrame:
        made, box = card(margin=2, gap=0)
        line = row(gap=2)
        line.addWidget(picture("screening", 28, "accent"), 0, Qt.AlignmentFlag.AlignTop)
        words = column()
        words.setSpacing(4)
        words.addWidget(label(one.patient.display_name, "heading"))
        words.addWidget(label(tr(progress_of(one.draft))))
        when = tr("Last change {when}").format(when=near_text(one.draft.changed_at, now))
        if pinned:
            when = f"{when} · {tr('safety steps come first')}"
        words.addWidget(label(when, "small"))
        line.addLayout(words, 1)
        record = button(tr("Record"), "quiet", lambda: self._go.show_patient(one.draft.patient_id))
        record.setAccessibleName(
            tr("Open the record of {name}").format(name=one.patient.display_name)
        )
        line.addWidget(record, 0, Qt.AlignmentFlag.AlignVCenter)
        go = button(tr("Continue"), "", lambda: self._go.show_screening(one.draft.id))
        go.setAccessibleName(
            tr("Continue the screening of {name}").format(name=one.patient.display_name)
        )
        line.addWidget(go, 0, Qt.AlignmentFlag.AlignVCenter)
        box.addLayout(line)
        return made

    def _find_card(self) -> QFrame:
        made, box = card(gap=2)
        box.addWidget(label(tr("Find or register"), "heading"))
        self.wanted = text_edit(tr("Name, phone, number or birth date"))
        self.wanted.setAccessibleName(tr("Find a patient"))
        self.wanted.addAction(icon("search"), self.wanted.ActionPosition.LeadingPosition)
        self.wanted.returnPressed.connect(self._find)
        box.addWidget(self.wanted)
        line = row()
        find = button(tr("Find"), "primary", self._find)
        line.addWidget(find, 1)
        register = icon_button(tr("Register"), "plus", "", lambda: self._go.show_register())
        register.setAccessibleName(tr("Register a new patient"))
        line.addWidget(register, 1)
        box.addLayout(line)
        return made

    @property
    def _go(self) -> Navigator:
        return self._workspace.navigator

    def _find(self) -> None:
        text = self.wanted.text()
        self.wanted.clear()
        self._workspace.navigator.show_patients(text)

    def _open_flow(self, one: OpenFlow) -> None:
        self._workspace.navigator.show_safety(one.flow.id, one.flow.patient_id)


def _heading(text: str, count: int) -> QWidget:
    made = QWidget()
    line = row(made, gap=1)
    line.addWidget(label(text, "heading", wrap=False))
    badge = label(str(count), "badge", wrap=False)
    line.addWidget(badge)
    line.addStretch(1)
    made.setContentsMargins(0, UNIT, 0, 0)
    return made


def _offline_card() -> QFrame:
    made, box = card(role="sunken", margin=2, gap=1)
    top = row(gap=1)
    top.addWidget(picture("offline", 20), 0, Qt.AlignmentFlag.AlignTop)
    top.addWidget(
        label(
            tr(
                "Working offline is normal here: everything is kept encrypted on this laptop and"
                " nothing is lost when the lid closes."
            ),
            "small",
        ),
        1,
    )
    box.addLayout(top)
    return made

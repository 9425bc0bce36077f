"""What cannot wait on one person's page: safety, conflicts, overdue tasks, a second record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from PySide6.QtWidgets import QFrame, QWidget

from clinic_app.domain.people import Patient
from clinic_app.domain.schedule import to_local
from clinic_app.ui.moments import day_text
from clinic_app.ui.screens.patient.presenter import Record
from clinic_app.ui.screens.patients.rows import born_text
from clinic_app.ui.strings import TRIGGER_SENTENCES, tr
from clinic_app.ui.widgets.basics import button, clear, column, frame, label, row
from clinic_app.ui.widgets.states import picture

_NAMED = 3
"""Conflicts, tasks or records that are named before the rest is counted."""


class AlertActions(Protocol):
    def open_flow(self, flow_id: UUID) -> None: ...
    def compare_with(self, other: Patient) -> None: ...
    def undo_merge(self, other: Patient) -> None: ...


class AlertsPanel(QWidget):
    """Hidden while there is nothing to say."""

    def __init__(self, actions: AlertActions) -> None:
        super().__init__()
        self._actions = actions
        self._box = column(self, gap=2)
        self.setAccessibleName(tr("What needs attention"))
        self.hide()

    def show_record(self, record: Record) -> None:
        clear(self._box)
        page = record.page
        for flow in record.timeline.open_flows:
            self._add(
                "edged",
                ("shield", "danger"),
                tr("Safety steps are open"),
                tr(TRIGGER_SENTENCES[flow.trigger]),
                (tr("Safety steps"), "primary", self._flow_opener(flow.id)),
            )
        if page.conflicts:
            lines = []
            for one in page.conflicts[:_NAMED]:
                slot = one.slot
                assert slot is not None  # only what has a time can conflict
                start = to_local(slot.start, page.time_zone)
                lines.append(f"{day_text(start.date())}, {start.strftime('%H:%M')}")
            title = tr("Appointments that overlap with others")
            self._add("warning", ("clock", "warning"), title, _listed(lines, len(page.conflicts)))
        if page.overdue:
            lines = [
                f"{task.title} ({day_text(task.due_on)})" if task.due_on else task.title
                for task in page.overdue[:_NAMED]
            ]
            self._add(
                "warning",
                ("alert", "warning"),
                tr("Overdue tasks"),
                _listed(lines, len(page.overdue)),
            )
        if page.may_merge:
            self._show_records(record)
        self.setVisible(self._box.count() > 0)

    def _show_records(self, record: Record) -> None:
        today = record.today
        for other in record.page.lookalikes[:_NAMED]:
            self._add(
                "info",
                ("patients", "accent"),
                tr("There may be a second record of this person"),
                f"{other.display_name} · {born_text(other.birth_date, other.age_on(today))}",
                (tr("Compare…"), "", self._comparer(other)),
            )
        for other in record.timeline.merged:
            self._add(
                "info",
                ("patients", "accent"),
                tr("A second record is merged into this one"),
                f"{other.display_name} · {born_text(other.birth_date, other.age_on(today))}",
                (tr("Undo the merge…"), "", self._undoer(other)),
            )

    def _add(
        self,
        role: str,
        drawing: tuple[str, str],
        title: str,
        text: str,
        action: tuple[str, str, Callable[[], None]] | None = None,
    ) -> QFrame:
        made = frame(role)
        made.setAccessibleName(f"{title}. {text}")
        across = row(made, margin=2, gap=2)
        across.addWidget(picture(drawing[0], 26, drawing[1]))
        words = column()
        words.setSpacing(2)
        words.addWidget(label(title, "strong"))
        words.addWidget(label(text, "muted"))
        across.addLayout(words, 1)
        if action is not None:
            across.addWidget(button(*action))
        self._box.addWidget(made)
        return made

    def _flow_opener(self, flow_id: UUID) -> Callable[[], None]:
        return lambda: self._actions.open_flow(flow_id)

    def _comparer(self, other: Patient) -> Callable[[], None]:
        return lambda: self._actions.compare_with(other)

    def _undoer(self, other: Patient) -> Callable[[], None]:
        return lambda: self._actions.undo_merge(other)


def _listed(lines: list[str], number: int) -> str:
    more = number - len(lines)
    text = "; ".join(lines)
    return tr("{text} and {more} more").format(text=text, more=more) if more else text

"""What waits: requests for a time, and the wait list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from PySide6.QtWidgets import QVBoxLayout, QWidget

from clinic_app.services.appointment_rows import AppointmentRow
from clinic_app.ui.screens.appointments.words import asked_text, when, who
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.basics import button, card, clear, column, label, scrolling


class WaitingList(QWidget):
    """Longest waiting first; a press opens the decision."""

    def __init__(self, on_open: Callable[[UUID], object]) -> None:
        super().__init__()
        self._on_open = on_open
        content = QWidget()
        self._box: QVBoxLayout = column(content, gap=2)
        column(self).addWidget(scrolling(content))

    def show_rows(
        self, requests: Sequence[AppointmentRow], waiting: Sequence[AppointmentRow]
    ) -> None:
        clear(self._box)
        self._part(tr("To decide"), requests, tr("Nothing waits for a decision."))
        self._part(tr("Wait list"), waiting, tr("Nobody is on the wait list."))
        self._box.addStretch(1)

    def _part(self, title: str, rows: Sequence[AppointmentRow], empty: str) -> None:
        holder, box = card(margin=2, gap=1)
        head = f"{title} · {len(rows)}" if rows else title
        box.addWidget(label(head, "strong"))
        for row in rows:
            box.addWidget(self._row(row))
        if not rows:
            box.addWidget(label(empty, "muted"))
        self._box.addWidget(holder)

    def _row(self, row: AppointmentRow) -> QWidget:
        made = QWidget()
        box = column(made)
        box.setSpacing(0)
        opens = button(who(row), "link", lambda: self._on_open(row.appointment.id))
        opens.setAccessibleName(tr("Decide: {name}, {when}").format(name=who(row), when=when(row)))
        box.addWidget(opens)
        facts = [when(row)] if row.starts is not None else []
        if row.clinician_name:
            facts.append(row.clinician_name)
        for text in (" · ".join(facts), row.appointment.reason, asked_text(row)):
            if text:
                box.addWidget(label(text, "small"))
        return made

"""What waits: requests for a time, and the wait list; below it what was closed without a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from clinic_app.services.appointment_rows import AppointmentRow
from clinic_app.ui.screens.appointments.words import asked_text, badge_role, state_text, when, who
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.basics import button, card, clear, column, label, scrolling


class WaitingList(QWidget):
    """Longest waiting first; a press opens the decision. ``closed`` opens only when asked for."""

    def __init__(self, on_open: Callable[[UUID], object]) -> None:
        super().__init__()
        self._on_open = on_open
        content = QWidget()
        self._box: QVBoxLayout = column(content, gap=2)
        self._closed_shown = False
        column(self).addWidget(scrolling(content))

    def show_rows(
        self,
        requests: Sequence[AppointmentRow],
        waiting: Sequence[AppointmentRow],
        closed: Sequence[AppointmentRow] = (),
    ) -> None:
        clear(self._box)
        self._part(tr("To decide"), requests, tr("Nothing waits for a decision."))
        self._part(tr("Wait list"), waiting, tr("Nobody is on the wait list."))
        if closed:
            self._closed(closed)
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

    def _closed(self, rows: Sequence[AppointmentRow]) -> None:
        """Denied and cancelled requests without a time: the calendar has no place for them."""
        holder, box = card(margin=2, gap=1)
        box.addWidget(label(tr("Closed without a time"), "strong"))
        inside = QWidget()
        lines = column(inside, gap=1)
        for row in rows:
            lines.addWidget(self._row(row, decided=True))
        toggle = button("", "link", lambda: turn(not self._closed_shown))

        def turn(shown: bool) -> None:
            self._closed_shown = shown
            inside.setVisible(shown)
            words = tr("Hide them") if shown else tr("Show the newest {n}").format(n=len(rows))
            toggle.setText(words)

        box.addWidget(toggle)
        box.addWidget(inside)
        self._box.addWidget(holder)
        turn(self._closed_shown)

    def _row(self, row: AppointmentRow, *, decided: bool = False) -> QWidget:
        made = QWidget()
        box = column(made)
        box.setSpacing(0)
        opens = button(who(row), "link", lambda: self._on_open(row.appointment.id))
        said = tr("Look at: {name}, {state}") if decided else tr("Decide: {name}, {when}")
        opens.setAccessibleName(said.format(name=who(row), when=when(row), state=state_text(row)))
        box.addWidget(opens)
        if decided:
            box.addWidget(
                label(state_text(row), badge_role(row), wrap=False),
                0,
                Qt.AlignmentFlag.AlignLeft,
            )
        facts = [when(row)] if row.starts is not None else []
        if row.clinician_name:
            facts.append(row.clinician_name)
        told = f"“{row.appointment.state_text}”" if decided and row.appointment.state_text else ""
        for text in (" · ".join(facts), row.appointment.reason, told, asked_text(row)):
            if text:
                box.addWidget(label(text, "small"))
        return made

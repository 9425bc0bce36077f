"""The parts of the first screen: a section is a card with a heading and one line for each thing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from clinic_app.domain.appointments import AppointmentState
from clinic_app.services.appointment_rows import AppointmentRow
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import UNIT, scaled
from clinic_app.ui.widgets.basics import at_start, button, card, column, label, line, row
from clinic_app.ui.widgets.states import picture

STATE_WORDS = {
    AppointmentState.REQUESTED: "asked for, not decided",
    AppointmentState.APPROVED: "booked",
    AppointmentState.COMPLETED: "has taken place",
    AppointmentState.NO_SHOW: "did not come",
    AppointmentState.DENIED: "denied",
    AppointmentState.CANCELLED: "cancelled",
}


def heading(text: str, count: int, more: QPushButton | None = None) -> QWidget:
    """A heading with a number, and a way to see everything."""
    made = QWidget()
    across = row(made, gap=1)
    across.addWidget(label(text, "heading", wrap=False))
    across.addWidget(label(str(count), "badge", wrap=False))
    across.addStretch(1)
    if more is not None:
        across.addWidget(more)
    made.setContentsMargins(0, UNIT, 0, 0)
    return made


def section(rows: Sequence[QWidget]) -> QFrame:
    """Rows under each other in one card, with thin rules between them."""
    made, box = card(margin=0, gap=0)
    box.setContentsMargins(0, UNIT // 2, 0, UNIT // 2)
    for number, one in enumerate(rows):
        if number:
            box.addWidget(line())
        box.addWidget(one)
    return made


def entry(
    title: str,
    words: str,
    *,
    drawing: str = "",
    tone: str = "accent",
    lead: str = "",
    small: str = "",
    alarm: str = "",
    buttons: Sequence[QPushButton] = (),
) -> QWidget:
    """One line: a drawing or a time, a title, words below it, and what can be done.

    ``alarm`` says what is urgent about it, in words of its own colour.
    """
    made = QWidget()
    across = row(made, gap=2)
    across.setContentsMargins(2 * UNIT, 3 * UNIT // 2, 2 * UNIT, 3 * UNIT // 2)
    if drawing:
        across.addWidget(picture(drawing, 22, tone), 0, Qt.AlignmentFlag.AlignTop)
    if lead:
        time = label(lead, "strong", wrap=False)
        time.setMinimumWidth(scaled(92))
        across.addWidget(time, 0, Qt.AlignmentFlag.AlignTop)
    texts = column()
    texts.setSpacing(2)
    texts.addWidget(label(title, "strong"))
    for text, role in ((alarm, "alarm"), (words, "muted"), (small, "small")):
        if text:
            texts.addWidget(at_start(label(text, role)))
    across.addLayout(texts, 1)
    for one in buttons:
        across.addWidget(one, 0, Qt.AlignmentFlag.AlignVCenter)
    return made


def action(
    words: str, name: str, role: str, on_click: Callable[[], object], tip: str = ""
) -> QPushButton:
    """A button whose accessible name says whom or what it is about."""
    made = button(words, role, on_click)
    made.setAccessibleName(name)
    if tip:
        made.setToolTip(tip)
    return made


def appointment_times(one: AppointmentRow) -> str:
    """As in "10:00 to 10:50", on the clocks of the clinic."""
    if one.starts is None or one.ends is None:
        return ""
    return f"{one.starts:%H:%M} – {one.ends:%H:%M}"


def appointment_words(one: AppointmentRow) -> str:
    """With whom, and what has become of it."""
    parts = [one.clinician_name, tr(STATE_WORDS[one.appointment.state])]
    return " · ".join(part for part in parts if part)

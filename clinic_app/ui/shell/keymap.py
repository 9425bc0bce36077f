"""The keys of the window, in one table that the help sheet shows as well."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QGridLayout, QWidget

from clinic_app.ui.strings import tr
from clinic_app.ui.theme import UNIT
from clinic_app.ui.widgets.basics import answer_row, button, column, label
from clinic_app.ui.widgets.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Key:
    """``name`` is what the window does; ``keys`` are alternatives."""

    name: str
    keys: tuple[str, ...]
    words: str


KEYS = (
    Key("today", ("Alt+1",), "Today"),
    Key("patients", ("Alt+2",), "Patients"),
    Key("models", ("Alt+3",), "Models and about"),
    Key("admin", ("Alt+4",), "Administration (administrators)"),
    Key("worklist", ("Alt+5",), "Worklist"),
    Key("tasks", ("Alt+6",), "Tasks"),
    Key("appointments", ("Alt+7",), "Appointments"),
    Key("feedback", ("Alt+8",), "Feedback"),
    Key("sync", ("Alt+9",), "Sync with the centre"),
    Key("learning", ("Alt+0",), "Learning (doctors and administrators)"),
    Key("studio", ("Alt+S",), "Style studio"),
    Key("find", ("Ctrl+F",), "Find a patient"),
    Key("register", ("Ctrl+N",), "Register a patient"),
    Key("back", ("Alt+Left",), "Back"),
    Key("lock", ("Ctrl+L",), "Lock the window"),
    Key("larger", ("Ctrl++", "Ctrl+="), "Larger text"),
    Key("smaller", ("Ctrl+-",), "Smaller text"),
    Key("normal", ("Ctrl+0",), "Normal text"),
    Key("theme", ("Ctrl+Shift+D",), "Light, dark or high contrast"),
    Key("keys", ("F1", "Ctrl+/"), "This list"),
)
EVERYWHERE = (
    ("Tab, Shift+Tab", "Go to the next or the previous control"),
    ("Enter", "Press the button, go on in a form, open the chosen patient"),
    ("Space", "Press the button, turn the switch"),
    ("Esc", "Close what lies on top, when it may be closed"),
)


def show_keys(above: QWidget) -> Sheet:
    """The list of keys."""
    content = QWidget()
    box = column(content, margin=3, gap=2)
    box.addWidget(label(tr("Keys"), "heading"))
    grid = QGridLayout()
    grid.setHorizontalSpacing(3 * UNIT)
    grid.setVerticalSpacing(UNIT)
    lines = [(tr(" or ").join(key.keys), key.words) for key in KEYS] + list(EVERYWHERE)
    half = (len(lines) + 1) // 2  # side by side: a small laptop shows all of them at once
    for number, (keys, words) in enumerate(lines):
        place = 2 * (number // half)
        grid.addWidget(label(keys, "strong", wrap=False), number % half, place)
        grid.addWidget(label(tr(words)), number % half, place + 1)
    for place in (1, 3):
        grid.setColumnStretch(place, 1)
    box.addLayout(grid)
    sheet = Sheet(above, content, name=tr("Keys"), width=860)
    close = button(tr("Close"), "primary", sheet.dismiss)
    box.addLayout(answer_row(close))
    sheet.open(close)
    return sheet

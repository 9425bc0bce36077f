"""The small button beside a number that says what it means."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QWidget

from clinic_app.ui.meanings import EXPLANATIONS, Meaning
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.basics import button, column, icon_button, label, row
from clinic_app.ui.widgets.sheet import Sheet


def meaning_button(meaning: Meaning, *, spelled: bool = False) -> QPushButton:
    """Opens the explanation above the window; ``spelled`` says which on the button itself."""
    name = tr(EXPLANATIONS[meaning].title)
    words = tr("What does this mean: {name}").format(name=name)
    shown, role = (name, "link") if spelled else ("", "icon")
    made = icon_button(shown, "info", role, lambda: show_meaning(made, meaning), "accent")
    made.setAccessibleName(words)
    made.setToolTip(words)
    return made


def show_meaning(above: QWidget, meaning: Meaning) -> Sheet:
    """The explanation, until it is closed."""
    told = EXPLANATIONS[meaning]
    content = QWidget()
    box = column(content, margin=3, gap=2)
    box.addWidget(label(tr(told.title), "heading"))
    for paragraph in told.paragraphs:
        box.addWidget(label(tr(paragraph)))
    if told.source:
        box.addWidget(label(tr("Source: {source}").format(source=told.source), "small"))
    sheet = Sheet(above, content, name=tr(told.title), width=520)
    across = row()
    across.addStretch(1)
    close = button(tr("Close"), "primary", sheet.dismiss)
    across.addWidget(close)
    box.addLayout(across)
    sheet.open(close)
    return sheet

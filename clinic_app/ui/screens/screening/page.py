"""The frame of every step: a heading, content in one column, and one row of actions below."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from clinic_app.ui.theme import UNIT
from clinic_app.ui.widgets.basics import column, label, line, row, scrolling

COLUMN = 880
"""Widest text column in pixels: longer lines are hard to read."""


class StepPage(QWidget):
    """``content`` takes the step's widgets; ``buttons`` its actions (left of the stretch: back)."""

    def __init__(self, heading: str, lead: str = "", *, width: int = COLUMN) -> None:
        super().__init__()
        self.heading = label(heading, "title")
        self.lead = label(lead, "muted")
        self.lead.setVisible(bool(lead))
        inside = QWidget()
        inside.setMaximumWidth(width)
        self.content: QVBoxLayout = column(inside, gap=2)
        self.content.addWidget(self.heading)
        self.content.addWidget(self.lead)
        holder = QWidget()
        centred = row(holder)
        centred.setContentsMargins(4 * UNIT, 3 * UNIT, 4 * UNIT, 3 * UNIT)
        centred.addStretch(1)
        centred.addWidget(inside, 100)
        centred.addStretch(1)
        self.area: QScrollArea = scrolling(holder)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        bar = QWidget()
        bar.setMaximumWidth(width + 8 * UNIT)
        self.buttons: QHBoxLayout = row(bar, gap=2)
        self.buttons.setContentsMargins(4 * UNIT, 2 * UNIT, 4 * UNIT, 2 * UNIT)
        bars = row()
        bars.addStretch(1)
        bars.addWidget(bar, 100)
        bars.addStretch(1)
        layout = column(self, gap=0)
        layout.addWidget(self.area, 1)
        layout.addWidget(line())
        layout.addLayout(bars)

"""The frame of every step: a heading, content in one column, and one row of actions below."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from clinic_app.ui.theme import UNIT
from clinic_app.ui.widgets.basics import column, label, line, row, scrolling

COLUMN = 880
"""Widest text column in pixels: longer lines are hard to read."""


def room_for_bold(made: QPushButton) -> None:
    """Make ``made`` as wide as its text in bold, so that being chosen does not cut it off."""
    bold = QFont(made.font())
    bold.setBold(True)
    words = QFontMetrics(bold).horizontalAdvance(made.text())
    made.setMinimumWidth(words + made.sizeHint().width() - _plain_width(made) + 2)


def _plain_width(made: QPushButton) -> int:
    return made.fontMetrics().horizontalAdvance(made.text())


class StepPage(QWidget):
    """``content`` takes the step's widgets; ``buttons`` its actions (left of the stretch: back).

    Attributes:
        start: what has the keyboard when the step comes into view.
    """

    def __init__(self, heading: str, lead: str = "", *, width: int = COLUMN) -> None:
        super().__init__()
        self.start: QWidget | None = None
        self.heading = label(heading, "title")
        self.lead = label(lead, "muted")
        inside = QWidget()
        inside.setMaximumWidth(width)
        self.content: QVBoxLayout = column(inside, gap=2)
        self.content.addWidget(self.heading)
        self.content.addWidget(self.lead)
        self.lead.setVisible(bool(lead))  # not earlier: without a parent it is a window
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
        self._bars = row()
        self._bars.addStretch(1)
        self._bars.addWidget(bar, 100)
        self._bars.addStretch(1)
        self.area.verticalScrollBar().rangeChanged.connect(self._line_up)
        layout = column(self, gap=0)
        layout.addWidget(self.area, 1)
        layout.addWidget(line())
        layout.addLayout(self._bars)

    def _line_up(self, _low: int, high: int) -> None:
        """Keep the actions under the column when the scroll bar takes its width."""
        taken = self.area.verticalScrollBar().sizeHint().width() if high > 0 else 0
        self._bars.setContentsMargins(0, 0, taken, 0)


def centred(page: QWidget, box: QWidget) -> QVBoxLayout:
    """``box`` in the middle of ``page``, as wide as it may be."""
    across = row()
    across.addStretch(1)
    across.addWidget(box, 100)
    across.addStretch(1)
    layout = column(page)
    layout.addStretch(1)
    layout.addLayout(across)
    layout.addStretch(2)
    return layout

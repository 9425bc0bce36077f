"""The line over every screen: where we are and whose record is open."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from clinic_app.ui.screens.base import Screen
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import UNIT, scaled
from clinic_app.ui.widgets.basics import column, icon_button, row
from clinic_app.ui.widgets.elided import ElidedLabel
from clinic_app.ui.widgets.fitted import Fitted

_ROOMY = 700
"""Width at 100% text size from which the buttons keep their words."""


class Header(Fitted, QWidget):
    """Title, record and the way back.

    Signals:
        back_asked, find_asked: the header's buttons.
    """

    back_asked = Signal()
    find_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("header")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        line = row(self, gap=2)
        line.setContentsMargins(4 * UNIT, 2 * UNIT, 4 * UNIT, 2 * UNIT)
        self._back_text = ""
        self._back = icon_button("", "back", "quiet", self.back_asked.emit)
        line.addWidget(self._back)
        words = column()
        words.setSpacing(2)
        self.title = ElidedLabel("title")
        self.record = ElidedLabel("muted")
        words.addWidget(self.title)
        words.addWidget(self.record)
        line.addLayout(words, 1)
        self._find = icon_button(tr("Find a patient"), "search", "quiet", self.find_asked.emit)
        self._find.setToolTip(f"{tr('Find a patient')} (Ctrl+F)")
        line.addWidget(self._find)
        self.fit()

    def show_heading(self, screen: QWidget | None) -> None:
        """Name the screen and whose record is open."""
        record = str(getattr(screen, "record", ""))
        default = "" if isinstance(screen, Screen) else tr("Record", "noun")
        back_text = str(getattr(screen, "back_text", default))
        self.title.setText(str(getattr(screen, "title", "")))
        self.record.setText(record)
        self.record.setVisible(bool(record))
        self._back_text = back_text
        self._back.setAccessibleName(tr("Back: {place}").format(place=back_text))
        self._back.setToolTip(back_text)
        self._back.setVisible(bool(back_text))
        self.fit()

    def fit(self) -> None:
        """Equally tall with and without a second line; words of buttons go when room is short."""
        self.setMinimumHeight(scaled(88))
        roomy = self.width() >= scaled(_ROOMY)
        self._find.setText(f" {tr('Find a patient')}" if roomy else "")
        self._back.setText(f" {self._back_text}" if roomy else "")

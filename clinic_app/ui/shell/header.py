"""The line over every screen: where we are and whose record is open."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QWidget

from clinic_app.ui.strings import tr
from clinic_app.ui.theme import UNIT, scaled
from clinic_app.ui.widgets.basics import column, icon_button, label, row


class Header(QWidget):
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
        self._back = icon_button("", "back", "quiet", self.back_asked.emit)
        line.addWidget(self._back)
        words = column()
        words.setSpacing(2)
        self.title = label("", "title", wrap=False)
        self.record = label("", "muted", wrap=False)
        words.addWidget(self.title)
        words.addWidget(self.record)
        line.addLayout(words, 1)
        find = icon_button(tr("Find a patient"), "search", "quiet", self.find_asked.emit)
        find.setToolTip("Ctrl+F")
        line.addWidget(find)
        self._fit()

    def show_heading(self, title: str, record: str, back_text: str) -> None:
        """Name the screen and whose record is open."""
        self.title.setText(title)
        self.title.setMinimumWidth(1)
        self.record.setText(record)
        self.record.setMinimumWidth(1)
        self.record.setVisible(bool(record))
        self._back.setText(f" {back_text}")
        self._back.setAccessibleName(tr("Back: {place}").format(place=back_text))
        self._back.setVisible(bool(back_text))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._fit()

    def _fit(self) -> None:
        """Equally tall with and without a second line, so that nothing jumps."""
        self.setMinimumHeight(scaled(88))

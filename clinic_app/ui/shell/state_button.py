"""The line at the foot of the navigation: how sync stands, and the way to its page."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from clinic_app.ui.icons import icon
from clinic_app.ui.strings import tr
from clinic_app.ui.sync_words import Indicator
from clinic_app.ui.theme import UNIT, scaled
from clinic_app.ui.widgets.basics import label, row


class StateButton(QPushButton):
    """A button whose words wrap; as tall as they need."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "row")
        self.setAutoDefault(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        line = row(self, gap=1)
        line.setContentsMargins(UNIT, UNIT // 2, UNIT, UNIT // 2)
        self._sign = label("", wrap=False)
        line.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        self.words = label("", "small")
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        line.addWidget(self.words, 1)
        for child in self.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._shown: Indicator | None = None

    def show_indicator(self, indicator: Indicator) -> None:
        """Say it; nothing is drawn anew when it stays the same."""
        if indicator == self._shown:
            return
        self._shown = indicator
        self.words.setText(indicator.text)
        self.setToolTip(indicator.tip)
        self.setAccessibleName(tr("Sync: {state}").format(state=indicator.text))
        self.setAccessibleDescription(indicator.tip)
        self._draw()
        self.updateGeometry()

    def refit(self) -> None:
        """The look or the size of text has changed."""
        self._draw()

    def sizeHint(self) -> QSize:
        layout = self.layout()
        return layout.sizeHint() if layout is not None else super().sizeHint()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        layout = self.layout()
        return layout.heightForWidth(width) if layout is not None else -1

    def _draw(self) -> None:
        if self._shown is not None:
            side = scaled(18)
            drawn = icon(self._shown.drawing, self._shown.tone).pixmap(QSize(side, side))
            self._sign.setPixmap(drawn)
            self._sign.setFixedSize(side, side)

"""Widgets that are laid out by their width and by the size of the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent
from PySide6.QtGui import QResizeEvent

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget as _Base
else:
    _Base = object  # stands before the class of the widget: ``class Header(Fitted, QWidget)``


class Fitted(_Base):
    """Calls ``fit`` whenever the size of the widget or of the text has changed."""

    def fit(self) -> None:
        """Lay out anew."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self.fit()

"""The looks every screen has besides its content: empty, busy and failed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QLabel, QProgressBar, QWidget

from clinic_app.ui.icons import icon
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import LOOK_CHANGES, look, scaled
from clinic_app.ui.widgets.basics import button, column, label, row


def picture(name: str, size: int = 40, tone: str = "muted") -> QLabel:
    """A drawing that says nothing a screen reader needs."""
    made = Drawing(name, size, tone)
    made.setAccessibleName("")
    return made


class Drawing(QLabel):
    """An icon as a label; redrawn when the theme changes."""

    def __init__(self, name: str, size: int, tone: str) -> None:
        super().__init__()
        self._name = name
        self._size = size
        self._tone = tone
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in LOOK_CHANGES and self._drawn != look():
            self._draw()

    def _draw(self) -> None:
        self._drawn = look()
        side = scaled(self._size)
        self.setPixmap(icon(self._name, self._tone).pixmap(QSize(side, side)))
        self.setFixedSize(side, side)


class Emptiness(QWidget):
    """What an empty list says, and what can be done about it."""

    def __init__(
        self,
        drawing: str,
        title: str,
        text: str,
        action: tuple[str, Callable[[], object]] | None = None,
    ) -> None:
        super().__init__()
        box = column(self, margin=4, gap=1)
        mark = picture(drawing, 44)
        box.addWidget(mark, 0, Qt.AlignmentFlag.AlignHCenter)
        self.title = label(title, "heading")
        self.text = label(text, "muted")
        for words in (self.title, self.text):
            words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            box.addWidget(words)
        if action is not None:
            line = row()
            line.addStretch(1)
            line.addWidget(button(action[0], "primary", action[1]))
            line.addStretch(1)
            box.addSpacing(8)
            box.addLayout(line)


class Busy(QWidget):
    """A quiet moving bar with a word about what is going on."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setAccessibleName(text)
        box = column(self, margin=4, gap=2)
        words = label(text, "muted")
        words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        box.addWidget(words)
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        bar.setAccessibleName(text)
        bar.setMaximumWidth(scaled(280))
        line = row()
        line.addStretch(1)
        line.addWidget(bar, 2)
        line.addStretch(1)
        box.addLayout(line)


class Failure(QWidget):
    """Why something could not be shown, with a way to try again."""

    def __init__(self, sentence: str, retry: Callable[[], object] | None = None) -> None:
        super().__init__()
        box = column(self, margin=4, gap=1)
        box.addWidget(picture("alert", 40, "warning"), 0, Qt.AlignmentFlag.AlignHCenter)
        self.sentence = label(sentence)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        box.addWidget(self.sentence)
        if retry is not None:
            line = row()
            line.addStretch(1)
            line.addWidget(button(tr("Try again"), "", retry))
            line.addStretch(1)
            box.addLayout(line)

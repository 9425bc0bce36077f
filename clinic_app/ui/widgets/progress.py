"""How far something is that takes long, and the button that stops it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QProgressBar

from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.basics import button, column, label, row


class ShareBar(QProgressBar):
    """A bar that moves to and fro until a share is known."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextVisible(False)
        self.setAccessibleName(tr("How much is done"))

    def wait(self) -> None:
        """Nothing is known yet."""
        self.setRange(0, 0)

    def show_share(self, share: float) -> None:
        """From 0 to 1."""
        self.setRange(0, 1000)
        self.setValue(round(1000 * share))


def time_left_text(seconds: float | None) -> str:
    """As in "about 2 min left"; empty while it cannot be told."""
    if seconds is None:
        return ""
    if round(seconds) < 60:
        return tr("about {n} s left").format(n=max(round(seconds), 1))
    return tr("about {n} min left").format(n=round(seconds / 60))


class Progress(QFrame):
    """What runs, its bar and Stop; in view only while it runs."""

    def __init__(self, stop: Callable[[], object], *, margin: int = 0) -> None:
        super().__init__()
        self._ask_stop = stop
        self.box = column(self, margin=margin, gap=1)
        self._doing = label("", "strong")
        self.box.addWidget(self._doing)
        across = row(gap=2)
        self.bar = ShareBar()
        across.addWidget(self.bar, 1, Qt.AlignmentFlag.AlignVCenter)
        self.stop = button(tr("Stop"), "", self._stop)
        across.addWidget(self.stop)
        self.box.addLayout(across)
        self.hide()

    def begin(self, doing: str, *, stoppable: bool = True) -> None:
        """Come into view, with nothing known yet."""
        self._doing.setText(doing)
        self.bar.wait()
        self.stop.setEnabled(stoppable)
        self.show()

    def show_share(self, share: float, doing: str = "") -> None:
        """How much is done, from 0 to 1, and what is done now where that has changed."""
        self.bar.show_share(share)
        if doing:
            self._doing.setText(doing)

    def _stop(self) -> None:
        self.stop.setEnabled(False)
        self._ask_stop()


class ProgressCard(Progress):
    """Among the cards of a page that can be left meanwhile."""

    def __init__(self, stop: Callable[[], object]) -> None:
        super().__init__(stop, margin=3)
        self.setProperty("role", "card")
        text = tr("You can go on working; it is stopped when you sign out.")
        self.box.addWidget(label(text, "small"))

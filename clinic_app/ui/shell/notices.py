"""Notices: a toast that goes by itself, and banners that stay until they are dismissed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QWidget

from clinic_app.domain.errors import ClinicError
from clinic_app.ui.icons import icon
from clinic_app.ui.strings import sentence_of, tr
from clinic_app.ui.theme import UNIT, scaled
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import button, column, frame, label, row
from clinic_app.ui.widgets.states import picture
from clinic_app.ui.workspace import Act

TOAST_MS = 4_500
MOST_BANNERS = 3


class NoticeBoard(QWidget):
    """The banners at the top of the window, and toasts over its lower edge."""

    def __init__(self, window: QWidget) -> None:
        super().__init__()
        self._over = window
        self._box = column(self, gap=1)
        self._box.setContentsMargins(2 * UNIT, 0, 2 * UNIT, 0)
        self._toast: QFrame | None = None
        self._held = False
        self._later = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(TOAST_MS)
        self._timer.timeout.connect(self.clear_toast)
        window.installEventFilter(self)

    def tell(self, text: str) -> None:
        """A quiet confirmation that goes away by itself."""
        self.clear_toast()
        if self._held:
            self._later = text
            return
        toast = QFrame(self._over)
        toast.setProperty("role", "toast")
        line = row(toast, margin=2, gap=1)
        line.addWidget(label(text, wrap=False))
        self._toast = toast
        self._place_toast()
        toast.show()
        toast.raise_()
        _announce(toast, text)
        self._timer.start()

    def warn(self, text: str, act: Act | None = None) -> None:
        """Something the user should know; stays until dismissed. ``act`` is what can be done."""
        self._banner(text, "warning", "alert", act)

    def report(self, error: BaseException) -> None:
        """Expected trouble as its sentence; a mistake of ours as an apology with a log entry."""
        known = isinstance(error, ClinicError)
        self._banner(explain(error), "warning" if known else "danger", "alert")

    def apologise(self, error: BaseException) -> None:
        """For a mistake of ours that is in the log already."""
        self._banner(sentence_of(error), "danger", "alert")

    def hold(self, held: bool) -> None:
        """Show and say nothing until staff is back: neither over the lock nor to a patient. What
        is told meanwhile waits; of the toasts the newest."""
        if held == self._held:
            return
        self._held = held
        self.setVisible(not held)
        if held:
            self.clear_toast()
            return
        for banner in self._banners():
            if not banner.accessibleName():  # it came while nothing could be said
                _announce(banner, str(banner.property("text")))
        later, self._later = self._later, ""
        if later:
            self.tell(later)

    def clear(self) -> None:
        """Take every notice away (somebody else comes to the window)."""
        self.clear_toast()
        self._later = ""
        for banner in self._banners():
            self._remove(banner)

    def take_back(self, text: str) -> None:
        """Take the banner away that says this, which holds no more."""
        for banner in self._banners():
            if banner.property("text") == text:
                self._remove(banner)

    def clear_toast(self) -> None:
        self._timer.stop()
        if self._toast is not None:
            self._toast.hide()
            self._toast.deleteLater()
            self._toast = None

    @property
    def texts(self) -> list[str]:
        """What the banners say, oldest first."""
        return [str(banner.property("text")) for banner in self._banners()]

    @property
    def toast_text(self) -> str:
        return "" if self._toast is None else self._toast.accessibleName()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._over and event.type() == QEvent.Type.Resize:
            self._place_toast()
        return False

    def _banner(self, text: str, role: str, drawing: str, act: Act | None = None) -> None:
        banners = self._banners()
        if any(banner.property("text") == text for banner in banners):
            return
        if len(banners) >= MOST_BANNERS:
            self._remove(banners[0])
        banner = frame(role)
        banner.setProperty("text", text)
        line = row(banner, gap=2)
        line.setContentsMargins(2 * UNIT, UNIT, UNIT, UNIT)
        line.addWidget(picture(drawing, 20, role))
        line.addWidget(label(text), 1)
        if act is not None:
            line.addWidget(button(act[0], "", act[1]))
        dismiss = button("", "icon", lambda: self._remove(banner))
        dismiss.setIcon(icon("close", "text"))
        dismiss.setIconSize(QSize(scaled(16), scaled(16)))
        dismiss.setAccessibleName(tr("Dismiss this message"))
        dismiss.setToolTip(tr("Dismiss this message"))
        line.addWidget(dismiss)
        self._box.addWidget(banner)
        self._pad()
        if not self._held:
            _announce(banner, text)

    def _remove(self, banner: QFrame) -> None:
        self._box.removeWidget(banner)
        banner.hide()
        banner.setParent(None)
        banner.deleteLater()
        self._pad()

    def _banners(self) -> list[QFrame]:
        items = (self._box.itemAt(index) for index in range(self._box.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [widget for widget in widgets if isinstance(widget, QFrame)]

    def _pad(self) -> None:
        shown = self._box.count() > 0
        edge = UNIT if shown else 0
        self._box.setContentsMargins(2 * UNIT, edge, 2 * UNIT, edge)

    def _place_toast(self) -> None:
        if self._toast is None:
            return
        self._toast.adjustSize()
        x = (self._over.width() - self._toast.width()) // 2
        self._toast.move(max(x, UNIT), self._over.height() - self._toast.height() - 3 * UNIT)


def _announce(widget: QWidget, text: str) -> None:
    """Let screen readers say it."""
    widget.setAccessibleName(text)
    QAccessible.updateAccessibility(QAccessibleEvent(widget, QAccessible.Event.Alert))

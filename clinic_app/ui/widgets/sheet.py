"""Sheets: dialogs inside the window, so that the lock covers them and nothing floats outside.

A sheet dims what is behind it, takes the keyboard and gives it back when it closes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QWidget,
)

from clinic_app.ui.strings import tr
from clinic_app.ui.theme import UNIT, scaled
from clinic_app.ui.widgets.basics import answer_row, button, column, frame, label
from clinic_app.ui.widgets.fields import PasswordEdit

Answer = TypeVar("Answer")
Edit = QLineEdit | QPlainTextEdit | QComboBox | QCheckBox
HOST = "sheet_host"
"""Name of the property that marks the widget whose area a sheet covers."""


class Sheet(QWidget):
    """A card over a dimmed host.

    Attributes:
        leave: what Escape does; ``dismiss`` unless the sheet keeps something first.
        keeps: what is typed here is kept encrypted while it is typed.

    Signals:
        closed: emitted once, when the sheet has gone.
    """

    closed = Signal()

    def __init__(
        self,
        above: QWidget,
        content: QWidget,
        *,
        name: str,
        width: int = 520,
        dismissible: bool = True,
    ) -> None:
        host = host_of(above)
        super().__init__(host)
        self.setObjectName("scrim")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(name)
        self._host = host
        self._above = above
        self._content = content
        self._width = width
        self._dismissible = dismissible
        self._gone = False
        self.leave: Callable[[], None] = self.dismiss
        self.keeps = False
        self._before = QApplication.focusWidget()
        self._untouched: dict[Edit, object] = {}
        self._card = frame("sheet")
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(content)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column(self._card).addWidget(self._area)
        grid = QGridLayout(self)
        grid.setContentsMargins(3 * UNIT, UNIT, 3 * UNIT, UNIT)
        grid.addWidget(self._card, 0, 0, Qt.AlignmentFlag.AlignCenter)
        content.installEventFilter(self)
        host.installEventFilter(self)

    def open(self, focus: QWidget | None = None) -> None:
        """Show the sheet and give the keyboard to ``focus``.

        What a late answer would open over a screen that is not in front any more (the lock, a
        patient, another place) goes at once; what must be dealt with is not ``dismissible`` and
        opens all the same.
        """
        if self._dismissible and not is_shown(self._above):
            self.dismiss()
            return
        self.setGeometry(self._host.rect())
        self._remember_new()
        self._fit()
        self.raise_()
        self.show()
        target = focus or next(iter(self._stops()), None)
        if target is not None:
            target.setFocus(Qt.FocusReason.OtherFocusReason)

    def dismiss(self) -> None:
        """Take the sheet away and give the keyboard back."""
        if self._gone:
            return
        self._gone = True
        self._host.removeEventFilter(self)
        self.hide()
        self.deleteLater()
        if self._before is not None and is_shown(self._before):
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        self.closed.emit()

    def fit(self) -> None:
        """Become as tall as the content needs, once what was put into it is shown."""
        QTimer.singleShot(0, self, self._fit)

    def set_dismissible(self, dismissible: bool) -> None:
        """Whether Escape closes the sheet."""
        self._dismissible = dismissible

    @property
    def dismissible(self) -> bool:
        return self._dismissible

    def hold(self, held: bool, *ways_out: QWidget) -> None:
        """While something is being stored, Escape and the ``ways_out`` rest: it is done by then,
        and who left would not be told how it ended."""
        self._dismissible = not held
        for one in ways_out:
            one.setEnabled(not held)

    @property
    def would_lose(self) -> bool:
        """Whether something differs here from what stood there at first, and would go with the
        sheet. A question, or a password that is asked for, holds nothing to lose."""
        return not self.keeps and self.differs(*self._filled_in())

    def differs(self, *edits: Edit) -> bool:
        """Whether one of these fields does not hold what stood in it at first, or was stored."""
        self._remember_new()
        return any(_filled(one) != self._untouched[one] for one in edits)

    def take_as_stored(self, *edits: Edit) -> None:
        """What stands in these fields now is stored already."""
        self._untouched.update({one: _filled(one) for one in edits})

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._host and event.type() == QEvent.Type.Resize:
            self.setGeometry(self._host.rect())
        if watched is self._content and event.type() == QEvent.Type.LayoutRequest:
            self._remember_new()
            self._fit()
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._dismissible:
            self._slip_out()
        event.accept()

    def focusNextPrevChild(self, forward: bool) -> bool:
        stops = self._stops()
        if not stops:
            return True
        present = QApplication.focusWidget()
        index = stops.index(present) if present in stops else (-1 if forward else 0)
        reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
        target = stops[(index + (1 if forward else -1)) % len(stops)]
        target.setFocus(reason)
        self._area.ensureWidgetVisible(target)
        return True

    def _slip_out(self) -> None:
        """Escape is pressed by a slip; what was typed and is kept nowhere does not go with it."""
        if self.keeps or not self._typed:
            self.leave()
            return
        question = ask(
            self,
            title=tr("What you entered would be lost"),
            text=tr("A form that lies open below is not handed in yet."),
            yes=tr("Leave without it"),
            no=tr("Stay here"),
            danger=True,
            on_yes=self.leave,
        )
        self.closed.connect(question.dismiss)  # handed in meanwhile: there is nothing to lose

    @property
    def _typed(self) -> bool:
        """Whether somebody has typed something here that is still to be seen, passwords apart."""
        lines = [one for one in self.findChildren(QLineEdit) if not isinstance(one, PasswordEdit)]
        written = [one for one in lines if one.isModified() and one.text().strip()]
        texts = self.findChildren(QPlainTextEdit)
        written_texts = [one for one in texts if one.document().isModified()]
        return any(is_shown(one) for one in written) or any(is_shown(one) for one in written_texts)

    def _filled_in(self) -> list[Edit]:
        """The fields of the form, passwords apart."""
        found: list[Edit] = [
            *self.findChildren(QLineEdit),
            *self.findChildren(QPlainTextEdit),
            *self.findChildren(QComboBox),
            *self.findChildren(QCheckBox),
        ]
        return [one for one in found if not isinstance(one, PasswordEdit)]

    def _remember_new(self) -> None:
        """How a field stands as it comes, also one that a later step brings."""
        for one in self._filled_in():
            if one not in self._untouched:
                self._untouched[one] = _filled(one)

    def _stops(self) -> list[QWidget]:
        """What Tab visits, in order."""
        found, widget = [], self.nextInFocusChain()
        while widget is not None and widget is not self:
            wants = bool(widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value)
            if self.isAncestorOf(widget) and wants and widget.isEnabled() and is_shown(widget):
                found.append(widget)
            widget = widget.nextInFocusChain()
        return found

    def _fit(self) -> None:
        room_x, room_y = self.width() - 6 * UNIT, self.height() - 6 * UNIT
        wide = max(min(scaled(self._width), room_x), 1)
        content_wide = wide - 2
        if self._content.hasHeightForWidth():
            tall = self._content.heightForWidth(content_wide)
        else:
            tall = self._content.sizeHint().height()
        if room_y < tall + 4 <= self.height() - 2 * UNIT:
            room_y = self.height() - 2 * UNIT  # rather closer to the edge than a bar for a line
        self._card.setFixedSize(wide, max(min(tall + 4, room_y), 1))


def _filled(one: Edit) -> object:
    if isinstance(one, QCheckBox):
        return one.isChecked()
    if isinstance(one, QComboBox):
        return one.currentIndex(), one.currentText()
    return one.text() if isinstance(one, QLineEdit) else one.toPlainText()


def host_of(widget: QWidget) -> QWidget:
    """The nearest ancestor marked as a host of sheets, else the window."""
    found: QWidget | None = widget
    while found is not None:
        if found.property(HOST):
            return found
        found = found.parentWidget()
    return widget.window()


def sheet_over(host: QWidget) -> Sheet | None:
    """The topmost open sheet of ``host``."""
    open_sheets = [
        one
        for one in host.findChildren(Sheet, options=Qt.FindChildOption.FindDirectChildrenOnly)
        if not one.isHidden()
    ]
    return open_sheets[-1] if open_sheets else None


def unless_covered(above: QWidget, show: Callable[[Answer], object]) -> Callable[[Answer], None]:
    """``show`` for an answer that comes later and opens a sheet over ``above``: not once ``above``
    has gone or something else is in front of it, as when its button was pressed twice."""
    host = host_of(above)
    before = sheet_over(host)

    def ready(answer: Answer) -> None:
        if is_shown(above) and sheet_over(host) is before:
            show(answer)

    return ready


def ask(
    above: QWidget,
    *,
    title: str,
    text: str,
    yes: str,
    no: str = "",
    danger: bool = False,
    on_yes: Callable[[], object],
) -> Sheet:
    """A question with two answers; the safe one has the keyboard."""
    content = QWidget()
    box = column(content, margin=3, gap=2)
    box.addWidget(label(title, "heading"))
    box.addWidget(label(text))
    sheet = Sheet(above, content, name=title, width=460)
    refuse = button(no or tr("Cancel"), "", sheet.dismiss)

    def accept() -> None:
        sheet.dismiss()
        on_yes()

    box.addLayout(answer_row(refuse, button(yes, "danger" if danger else "primary", accept)))
    sheet.open(refuse)
    return sheet


def is_shown(widget: QWidget) -> bool:
    """Whether the widget is in front of somebody; one that has gone is not."""
    try:
        return widget.isVisible()
    except RuntimeError:  # the widget behind this name is already deleted
        return False

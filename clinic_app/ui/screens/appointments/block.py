"""One appointment in the calendar: a button that can be dragged."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from clinic_app.domain.appointments import AppointmentState
from clinic_app.ui.screens.appointments.geometry import STEP_MINUTES, Place
from clinic_app.ui.screens.appointments.words import block_name, state_text, who
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import current_palette, scaled

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -STEP_MINUTES),
    Qt.Key.Key_Down: (0, STEP_MINUTES),
}


class Board(Protocol):
    """What a block asks of the calendar it stands in."""

    def drag_to(self, block: Block, top_left: QPoint) -> None: ...
    def nudge(self, block: Block, columns: int, minutes: int) -> None: ...
    def drop(self, block: Block) -> None: ...
    def put_back(self) -> None: ...
    def lifted(self, block: Block) -> bool: ...
    def go_from(self, block: Block, columns: int, minutes: int) -> None:
        """Give the keyboard to the next block in that direction."""

    def came_to(self, block: Block) -> None:
        """The keyboard is at this block."""


class Block(QAbstractButton):
    """``clicked`` opens it. Drag it, or move it with Ctrl and the arrow keys and put it down with
    Enter; Escape puts it back."""

    def __init__(self, parent: QWidget, board: Board, place: Place) -> None:
        super().__init__(parent)
        self._board = board
        self.place = place
        self._pressed_at: QPoint | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(block_name(place.row))
        hint = tr("Drag to move, or Ctrl and arrow keys, then Enter.") if self.movable else ""
        self.setAccessibleDescription(hint)
        self.setToolTip("\n".join(part for part in (block_name(place.row), hint) if part))

    @property
    def movable(self) -> bool:
        return self.place.row.appointment.state is AppointmentState.APPROVED

    def sizeHint(self) -> QSize:
        return QSize(scaled(120), scaled(48))

    # --- by hand -----------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        start = self._pressed_at
        if start is None or not self.movable:
            super().mouseMoveEvent(event)
            return
        now = event.position().toPoint()
        far = (now - start).manhattanLength() >= QApplication.startDragDistance()
        if far or self._board.lifted(self):
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._board.drag_to(self, self.pos() + now - start)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed_at = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        if self._board.lifted(self):
            self.setDown(False)  # it was moved, not clicked
            self._board.drop(self)
            return
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        lifted = self._board.lifted(self)
        if key in _ARROWS:
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                if self.movable:
                    self._board.nudge(self, *_ARROWS[key])
            elif not event.modifiers() & Qt.KeyboardModifier.AltModifier:
                self._board.go_from(self, *_ARROWS[key])
            event.accept()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if lifted:
                self._board.drop(self)
            else:
                self.click()
        elif key == Qt.Key.Key_Escape and (lifted or self._pressed_at is not None):
            self._pressed_at = None
            self._board.put_back()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._board.came_to(self)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if self._board.lifted(self):
            self._board.put_back()
        super().focusOutEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            if event.key() in _ARROWS and control:
                event.accept()  # Ctrl and arrows move the appointment
                return True
        return super().event(event)

    # --- painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        colours, one = current_palette(), self.place.row.appointment
        fill, edge, ink = {
            AppointmentState.REQUESTED: (colours.surface, colours.accent, colours.text),
            AppointmentState.APPROVED: (colours.accent_soft, colours.accent, colours.text),
            AppointmentState.NO_SHOW: (colours.warning_soft, colours.warning, colours.text),
        }.get(one.state, (colours.sunken, colours.border, colours.muted))
        if one.conflicting:
            fill, edge = colours.danger_soft, colours.danger
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(edge), 2 if self.hasFocus() or one.conflicting else 1)
        if one.state is AppointmentState.REQUESTED:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(QColor(fill))
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(box, 6, 6)
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.text), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 6, 6)
        painter.fillRect(QRectF(2, 5, 3, self.height() - 10), QColor(edge))
        self._paint_words(painter, ink, edge if one.conflicting else colours.muted)
        painter.end()

    def _paint_words(self, painter: QPainter, ink: str, lesser: str) -> None:
        row = self.place.row
        starts = f"{row.starts:%H:%M}" if row.starts else ""
        booked = row.appointment.state is AppointmentState.APPROVED
        told = tr("collides") if row.appointment.conflicting else state_text(row)
        if booked and not row.appointment.conflicting:
            told = f"{row.ends:%H:%M}" if row.ends else ""
        small = QFont(self.font())
        small.setPixelSize(scaled(12))
        bold = QFont(small)
        bold.setWeight(QFont.Weight.DemiBold)
        joined = f"{starts} – {told}" if booked and told[:1].isdigit() else f"{starts} · {told}"
        lines = [(who(row), bold, ink), (joined, small, lesser)]
        if row.clinician_name:
            lines.append((row.clinician_name, small, lesser))
        left, width = scaled(9), self.width() - scaled(13)
        painter.setFont(small)
        step = painter.fontMetrics().lineSpacing()
        if self.height() < 2 * step + scaled(6):
            lines = [(f"{starts} {who(row)}", bold, ink)]
        top = max(0, min(scaled(4), (self.height() - step) // 2))
        for text, font, colour in lines:
            if top + step > self.height() + 2:
                break
            painter.setFont(font)
            painter.setPen(QColor(colour))
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(left, top, width, step, flags, shown)
            top += step

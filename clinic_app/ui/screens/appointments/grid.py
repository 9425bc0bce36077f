"""The calendar itself: hours downwards, days (or clinicians) across, appointments to be dragged."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from clinic_app.domain.clock import utc_now
from clinic_app.domain.schedule import to_local
from clinic_app.services.appointment_reading import Calendar
from clinic_app.ui.moments import short_day_text
from clinic_app.ui.screens.appointments.block import Block
from clinic_app.ui.screens.appointments.geometry import (
    Column,
    Place,
    Target,
    away_minutes,
    hours_shown,
    open_minutes,
    places_of,
    target_at,
)
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import current_palette, scaled

_HOUR = 60
_GUTTER = 56
_LEAST_COLUMN = 76
"""Seven of them stand beside the waiting list in the smallest window."""


class CalendarGrid(QWidget):
    """Signals:
    opened: an appointment's ID. moved: a ``Target``. wanted: a ``Target``-less new appointment, as
    (local start, clinician or ``None``), when an empty place is double-clicked. reached: the widget
    in the grid that the keyboard has come to or is moving. arranged: the columns are others, or as
    wide as they were not before. put_down: no appointment is lifted any more.
    """

    opened = Signal(object)
    moved = Signal(object)
    wanted = Signal(object, object)
    reached = Signal(object)
    arranged = Signal()
    put_down = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Calendar"))
        self._calendar: Calendar | None = None
        self.columns: list[Column] = []
        self.blocks: list[Block] = []
        self._hours = (8, 18)
        self._lifted: Block | None = None
        self._target: tuple[int, int] = (0, 0)
        self._ghost = Ghost(self)

    def show_calendar(self, calendar: Calendar, columns: list[Column]) -> None:
        """Replace everything; the keyboard stays on the same appointment."""
        focused = next(
            (one.place.row.appointment.id for one in self.blocks if one.hasFocus()), None
        )
        self.put_back()
        for block in self.blocks:
            block.hide()
            block.setParent(None)
            block.deleteLater()
        self._calendar, self.columns = calendar, columns
        places = places_of(calendar, columns)
        self._hours = hours_shown(calendar, places)
        self.blocks = [self._block(place) for place in places]
        self.setMinimumWidth(self._gutter + len(columns) * scaled(_LEAST_COLUMN))
        self.updateGeometry()
        self.setFixedHeight(self.sizeHint().height())
        self._arrange()
        for block in self.blocks:
            block.show()
            if block.place.row.appointment.id == focused:
                block.setFocus(Qt.FocusReason.OtherFocusReason)
        self._ghost.raise_()
        self.update()

    def block_of(self, appointment_id: object) -> Block:
        """The block of an appointment that is shown."""
        return next(one for one in self.blocks if one.place.row.appointment.id == appointment_id)

    @property
    def column_width(self) -> int:
        return (self.width() - self._gutter) // max(len(self.columns), 1)

    def column_left(self, number: int) -> int:
        """Where this column begins, in pixels from the left edge of the grid."""
        return self._gutter + number * self.column_width

    def sizeHint(self) -> QSize:
        hours = self._hours[1] - self._hours[0]
        return QSize(scaled(700), hours * scaled(_HOUR) + scaled(12))

    # --- Board -------------------------------------------------------------------------------

    def lifted(self, block: Block) -> bool:
        return self._lifted is block

    def drag_to(self, block: Block, top_left: QPoint) -> None:
        middle = top_left.x() + min(block.width() // 2, self.column_width // 2)
        column = (middle - self._gutter) // max(self.column_width, 1)
        self._lift(block, column, self._minute_at(top_left.y()))

    def nudge(self, block: Block, columns: int, minutes: int) -> None:
        if self._lifted is block:
            column, minute = self._target
        else:
            column, minute = block.place.column, block.place.minute
        self._lift(block, column + columns, minute + minutes)

    def drop(self, block: Block) -> None:
        target = target_at(block.place, self.columns, *self._target)
        unmoved = self._target[0] == block.place.column and (
            block.place.row.starts is not None
            and target.start == block.place.row.starts.replace(tzinfo=None)
        )
        self.put_back()
        if not unmoved:
            self.moved.emit(target)

    def put_back(self) -> None:
        was_lifted, self._lifted = self._lifted is not None, None
        self._ghost.hide()
        if was_lifted:
            self.put_down.emit()

    def go_from(self, block: Block, columns: int, minutes: int) -> None:
        here = block.place
        key = (here.minute, here.lane)
        if columns:
            ahead = [one for one in self.blocks if (one.place.column - here.column) * columns > 0]
            ahead.sort(
                key=lambda one: (
                    abs(one.place.column - here.column),
                    abs(one.place.minute - here.minute),
                )
            )
        else:
            sign = 1 if minutes > 0 else -1
            same = [one for one in self.blocks if one.place.column == here.column]
            ahead = [one for one in same if _beyond((one.place.minute, one.place.lane), key, sign)]
            ahead.sort(key=lambda one: (one.place.minute, one.place.lane), reverse=sign < 0)
        if ahead:
            ahead[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def came_to(self, block: Block) -> None:
        self.reached.emit(block)

    def target(self) -> Target | None:
        """Where the lifted appointment would go."""
        if self._lifted is None:
            return None
        return target_at(self._lifted.place, self.columns, *self._target)

    # --- Qt ----------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self._calendar is not None:
            self.setMinimumWidth(self._gutter + len(self.columns) * scaled(_LEAST_COLUMN))
            self.setFixedHeight(self.sizeHint().height())
            self._arrange()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        spot = event.position().toPoint()
        column = (spot.x() - self._gutter) // max(self.column_width, 1)
        if not 0 <= column < len(self.columns):
            return
        minute = self._minute_at(spot.y()) // 30 * 30
        chosen = self.columns[column]
        start = datetime.combine(chosen.day, datetime.min.time()).replace(
            hour=min(minute // 60, 23), minute=minute % 60
        )
        self.wanted.emit(start, chosen.clinician_id)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = current_palette()
        painter.fillRect(self.rect(), QColor(colours.surface))
        if self._calendar is not None:
            for number, column in enumerate(self.columns):
                self._paint_column(painter, number, column)
        small = QFont(self.font())
        small.setPixelSize(scaled(12))
        painter.setFont(small)
        for hour in range(self._hours[0], self._hours[1] + 1):
            y = self._y(hour * 60)
            painter.setPen(QColor(colours.border))
            painter.drawLine(self._gutter, y, self.width(), y)
            if hour < self._hours[1]:
                painter.setPen(QColor(colours.muted))
                box = QRect(0, y + 2, self._gutter - scaled(8), scaled(18))
                painter.drawText(box, Qt.AlignmentFlag.AlignRight, f"{hour:02d}:00")
        self._paint_now(painter)
        painter.end()

    # --- inside ------------------------------------------------------------------------------

    @property
    def _gutter(self) -> int:
        return scaled(_GUTTER)

    def _y(self, minute: int) -> int:
        return scaled(6) + (minute - self._hours[0] * 60) * scaled(_HOUR) // 60

    def _minute_at(self, y: int) -> int:
        return self._hours[0] * 60 + (y - scaled(6)) * 60 // scaled(_HOUR)

    def _rect(self, column: int, minute: int, minutes: int, lane: int = 0, lanes: int = 1) -> QRect:
        wide = self.column_width - scaled(6)
        left = self.column_left(column) + scaled(3) + lane * wide // lanes
        tall = max(self._y(minute + minutes) - self._y(minute) - 2, scaled(18))
        return QRect(left, self._y(minute) + 1, wide // lanes - (2 if lanes > 1 else 0), tall)

    def _block(self, place: Place) -> Block:
        made = Block(self, self, place)
        made.clicked.connect(lambda: self.opened.emit(place.row.appointment.id))
        return made

    def _arrange(self) -> None:
        for block in self.blocks:
            place = block.place
            block.setGeometry(
                self._rect(place.column, place.minute, place.minutes, place.lane, place.lanes)
            )
        self.arranged.emit()

    def _lift(self, block: Block, column: int, minute: int) -> None:
        self._lifted = block
        column = max(0, min(column, len(self.columns) - 1))
        target = target_at(block.place, self.columns, column, minute)
        minute = target.start.hour * 60 + target.start.minute
        latest = self._hours[1] * 60 - min(block.place.minutes, 60)
        minute = max(self._hours[0] * 60, min(minute, latest))
        self._target = (column, minute)
        target = target_at(block.place, self.columns, column, minute)
        heading = column_title(self.columns[column])
        words = f"{heading}, {target.start:%H:%M}"
        self._ghost.show_time(f"{target.start:%H:%M}", heading)
        self._ghost.setGeometry(self._rect(column, minute, block.place.minutes))
        self._ghost.show()
        self._ghost.raise_()
        self.reached.emit(self._ghost)
        block.setAccessibleDescription(tr("To {place}; Enter moves it there.").format(place=words))

    def _paint_column(self, painter: QPainter, number: int, column: Column) -> None:
        assert self._calendar is not None
        colours = current_palette()
        left = self.column_left(number)
        top, bottom = self._y(self._hours[0] * 60), self._y(self._hours[1] * 60)
        painter.fillRect(left, top, self.column_width, bottom - top, QColor(colours.sunken))
        for start, end in open_minutes(self._calendar, column.day):
            box = QRect(left, self._y(start), self.column_width, self._y(end) - self._y(start))
            painter.fillRect(box, QColor(colours.surface))
        small = QFont(self.font())
        small.setPixelSize(scaled(12))
        painter.setFont(small)
        for start, end, reason in away_minutes(self._calendar, column):
            begins = max(self._y(start), top)
            box = QRect(left, begins, self.column_width, min(self._y(end), bottom) - begins)
            painter.fillRect(box, QColor(colours.sunken))
            painter.fillRect(box, Qt.BrushStyle.BDiagPattern)
            painter.setPen(QColor(colours.muted))
            text = tr("away: {reason}").format(reason=reason) if reason else tr("away")
            painter.drawText(box.adjusted(8, 6, -8, -6), Qt.TextFlag.TextWordWrap, text)
        painter.setPen(QPen(QColor(colours.border)))
        painter.drawLine(left, top, left, bottom)

    def _paint_now(self, painter: QPainter) -> None:
        if self._calendar is None:
            return
        now = to_local(utc_now(), self._calendar.zone)
        minute = now.hour * 60 + now.minute
        if not self._hours[0] * 60 <= minute <= self._hours[1] * 60:
            return
        painter.setPen(QPen(QColor(current_palette().danger), 2))
        for number, column in enumerate(self.columns):
            if column.day == now.date():
                left = self.column_left(number)
                painter.drawLine(left, self._y(minute), left + self.column_width, self._y(minute))


class Ghost(QWidget):
    """Where a lifted appointment would go."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._time = self._place = ""
        self.hide()

    def show_time(self, time: str, place: str) -> None:
        self._time, self._place = time, place
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours, painter = current_palette(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colours.accent_strong), 2))
        painter.setBrush(QColor(colours.accent))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 6, 6)
        painter.setPen(QColor(colours.on_accent))
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.Bold)
        painter.setFont(bold)
        box = self.rect().adjusted(scaled(9), scaled(3), -4, -2)
        painter.drawText(box, Qt.AlignmentFlag.AlignTop, self._time)
        small = QFont(self.font())
        small.setPixelSize(scaled(12))
        painter.setFont(small)
        step = painter.fontMetrics().lineSpacing() + scaled(5)
        painter.drawText(box.adjusted(0, step, 0, 0), Qt.AlignmentFlag.AlignTop, self._place)
        painter.end()


def column_title(column: Column) -> str:
    """The clinician's name, or the day as in "Mon 23 Nov"."""
    if column.name:
        return column.name
    return short_day_text(column.day)


def _beyond(one: tuple[int, int], other: tuple[int, int], sign: int) -> bool:
    return one > other if sign > 0 else one < other

"""The days (or clinicians) above the calendar."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from clinic_app.services.appointment_reading import Calendar
from clinic_app.ui.screens.appointments.geometry import Column
from clinic_app.ui.screens.appointments.grid import CalendarGrid, column_title
from clinic_app.ui.theme import current_palette, scaled

_HEIGHT = 36


class ColumnHeads(QWidget):
    """They follow the columns of ``grid``; today stands out. A second line is taken where a title
    needs it."""

    def __init__(self, grid: CalendarGrid) -> None:
        super().__init__()
        self._grid = grid
        self._today: object = None
        grid.arranged.connect(self._fit)

    def show_columns(self, columns: list[Column], calendar: Calendar) -> None:
        """Of what the grid shows."""
        self._today = calendar.today
        self.setAccessibleName(", ".join(column_title(one) for one in columns))
        self._fit()

    def titles(self) -> list[list[str]]:
        """Each in one line or two, as they are drawn."""
        width = self._title_width
        return [
            in_lines(column_title(one), QFontMetrics(self._font(one)), width)
            for one in self._grid.columns
        ]

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours, painter = current_palette(), QPainter(self)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        for number, (column, lines) in enumerate(
            zip(self._grid.columns, self.titles(), strict=True)
        ):
            today = column.day == self._today
            painter.setFont(self._font(column))
            painter.setPen(QColor(colours.accent if today else colours.text))
            left = self._grid.x() + self._grid.column_left(number) + scaled(6)
            box = QRect(left, 0, self._title_width, self.height())
            painter.drawText(box, flags, "\n".join(lines))
        painter.end()

    # --- inside ------------------------------------------------------------------------------

    @property
    def _title_width(self) -> int:
        return self._grid.column_width - scaled(8)

    def _font(self, column: Column) -> QFont:
        font = QFont(self.font())
        bold = column.day == self._today
        font.setWeight(QFont.Weight.Bold if bold else QFont.Weight.Normal)
        return font

    def _fit(self) -> None:
        more = max((len(lines) for lines in self.titles()), default=1) - 1
        self.setFixedHeight(scaled(_HEIGHT) + more * self.fontMetrics().lineSpacing())
        self.update()


def in_lines(words: str, metrics: QFontMetrics, width: int) -> list[str]:
    """``words`` in one line of at most ``width`` pixels, or in two; what fits in neither is cut."""
    if metrics.horizontalAdvance(words) <= width or " " not in words:
        return [_cut(words, metrics, width)]
    gaps = [place for place, letter in enumerate(words) if letter == " "]
    pairs = [(words[:gap], words[gap + 1 :]) for gap in gaps]
    best = min(pairs, key=lambda pair: max(metrics.horizontalAdvance(one) for one in pair))
    return [_cut(one, metrics, width) for one in best]


def _cut(words: str, metrics: QFontMetrics, width: int) -> str:
    if metrics.horizontalAdvance(words) <= width:  # Qt cuts what just fits
        return words
    return metrics.elidedText(words, Qt.TextElideMode.ElideRight, width)

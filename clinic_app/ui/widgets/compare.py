"""Two pictures of one thing behind a movable divider: as taken, and processed."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from clinic_app.ui.strings import tr
from clinic_app.ui.theme import UNIT, current_palette, scaled

STEP = 0.05
"""How far one press of an arrow key moves the divider, in parts of the width."""
_SHARE = 0.45
"""Of the window's height."""


class CompareView(QWidget):
    """Left of the divider the picture as taken, right of it the processed copy.

    Keys: Left and Right move the divider, Home and End show one picture alone.

    Signals:
        moved: the divider's place, 0 (all processed) to 1 (all as taken).
    """

    moved = Signal(float)

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        tags: tuple[str, str] | None = None,
        empty: str = "",
    ):
        """``tags`` are other words than "As taken" and "Processed copy"; ``empty`` stands in the
        pictures' place while there are none."""
        super().__init__(parent)
        self._empty = empty
        self._tags = tags or (tr("As taken"), tr("Processed copy"))
        self._spoken = tr("{percent} % as taken")
        self._taken: QImage | None = None
        self._processed: QImage | None = None
        self._place = 0.5
        self._least = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(224, 224)
        spoken = tr("As taken on the left, processed copy on the right")
        if tags is not None:
            spoken = tr("{left} on the left, {right} on the right").format(
                left=tags[0], right=tags[1]
            )
            self._spoken = f"{{percent}} %: {tags[0]}"
        self.setAccessibleName(spoken)
        self._describe()

    @property
    def place(self) -> float:
        return self._place

    @property
    def showing(self) -> bool:
        """Whether there are pictures."""
        return self._taken is not None

    def show_pictures(self, taken: QImage, processed: QImage) -> None:
        self._taken, self._processed = taken, processed
        self.update()

    def show_nothing(self) -> None:
        """The words for no picture, in the pictures' place."""
        self._taken = self._processed = None
        self.update()

    def set_place(self, place: float) -> None:
        self._place = min(1.0, max(0.0, place))
        self._describe()
        self.moved.emit(self._place)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(360, 360)

    def keep_large(self, least: int) -> None:
        """At least so many pixels tall at 100 % text size, and more in a tall window."""
        self._least = least
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self._least:
            tall = round(_SHARE * self.window().height()) if self.isVisible() else 0
            self.setMinimumHeight(max(scaled(self._least), tall))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {Qt.Key.Key_Left: -STEP, Qt.Key.Key_Right: STEP}
        ends = {Qt.Key.Key_Home: 0.0, Qt.Key.Key_End: 1.0}
        key = Qt.Key(event.key())
        if key in moves:
            self.set_place(self._place + moves[key])
        elif key in ends:
            self.set_place(ends[key])
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._follow(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._follow(event.position())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        square = self._square()
        clip = QPainterPath()
        clip.addRoundedRect(square, 10, 10)
        painter.setClipPath(clip)
        painter.fillRect(square, QColor(current_palette().sunken))
        if self._taken is None or self._processed is None:
            painter.setPen(QColor(current_palette().muted))
            painter.drawText(square, Qt.AlignmentFlag.AlignCenter, self._empty)
            return
        divider = square.left() + square.width() * self._place
        painter.drawImage(square, self._processed)
        painter.save()
        left = QRectF(square.left(), square.top(), divider - square.left(), square.height())
        painter.setClipRect(left, Qt.ClipOperation.IntersectClip)
        painter.drawImage(square, self._taken)
        painter.restore()
        self._paint_tags(painter, square)
        self._paint_divider(painter, square, divider)
        painter.end()

    def _paint_tags(self, painter: QPainter, square: QRectF) -> None:
        if self._place > 0.3:
            self._paint_tag(painter, square, self._tags[0], left=True)
        if self._place < 0.7:
            self._paint_tag(painter, square, self._tags[1], left=False)

    def _paint_tag(self, painter: QPainter, square: QRectF, text: str, *, left: bool) -> None:
        palette = current_palette()
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(text) + 2 * UNIT
        height = metrics.height() + UNIT
        x = square.left() + UNIT if left else square.right() - UNIT - width
        box = QRectF(x, square.bottom() - UNIT - height, width, height)
        background = QColor(palette.surface)
        background.setAlpha(235)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(background)
        painter.drawRoundedRect(box, 6, 6)
        painter.setPen(QColor(palette.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_divider(self, painter: QPainter, square: QRectF, x: float) -> None:
        palette = current_palette()
        colour = QColor(palette.accent if self.hasFocus() else palette.surface)
        painter.setPen(QPen(colour, 3))
        painter.drawLine(QPointF(x, square.top()), QPointF(x, square.bottom()))
        middle = QPointF(x, square.center().y())
        painter.setPen(QPen(QColor(palette.accent), 2))
        painter.setBrush(QColor(palette.surface))
        painter.drawEllipse(middle, 14, 14)
        for side in (-1, 1):
            tip = QPointF(x + side * 8, middle.y())
            painter.drawLine(tip, QPointF(x + side * 4, middle.y() - 4))
            painter.drawLine(tip, QPointF(x + side * 4, middle.y() + 4))

    def _square(self) -> QRectF:
        """The largest rectangle of the picture's shape: of a face, a square."""
        shape = 1.0
        if self._processed is not None and self._processed.height():
            shape = self._processed.width() / self._processed.height()
        wide = min(self.width(), self.height() * shape)
        tall = wide / shape
        return QRectF((self.width() - wide) / 2, (self.height() - tall) / 2, wide, tall)

    def _follow(self, position: QPointF) -> None:
        square = self._square()
        self.set_place((position.x() - square.left()) / square.width())

    def _describe(self) -> None:
        percent = round(100 * self._place)
        self.setAccessibleDescription(self._spoken.format(percent=percent))

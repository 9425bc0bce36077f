"""The mirrored live picture with the oval guide, the hold-still ring and the countdown."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from clinic_app.ui.strings import tr
from clinic_app.ui.theme import UNIT, current_palette

OVAL_HEIGHT = 0.72
"""Height of the guide in parts of the picture's height; the gate accepts faces of this size."""
OVAL_ASPECT = 0.76
"""Width by height of the guide: about that of a face with its hair line."""


class CameraPreview(QWidget):
    """Paints the newest frame as in a mirror; the record itself is never mirrored."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self._hidden = False
        self._steadiness = 0.0
        self._well = False
        self._number: int | None = None
        self._busy = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(320, 200)
        self.setAccessibleName(tr("Live picture of the camera, mirrored"))

    def show_frame(self, image: QImage, *, steadiness: float, well: bool) -> None:
        """``steadiness`` in [0, 1] fills the ring; ``well`` says that there is no hint."""
        self._image, self._steadiness, self._well = image, steadiness, well
        self.update()

    def show_countdown(self, number: int | None) -> None:
        self._number = number
        self.update()

    def show_busy(self, text: str) -> None:
        """A word over the picture while the camera opens or the burst is taken; empty for none."""
        self._busy = text
        self.update()

    def set_hidden(self, hidden: bool) -> None:
        """Keep the guide, hide the own picture."""
        self._hidden = hidden
        self.update()

    def clear(self) -> None:
        self._image, self._steadiness, self._well = None, 0.0, False
        self._number, self._busy = None, ""
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(480, 270)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = self._frame_rect()
        clip = QPainterPath()
        clip.addRoundedRect(frame, 12, 12)
        painter.setClipPath(clip)
        painter.fillRect(frame, QColor(current_palette().sunken))
        if self._image is not None and not self._hidden:
            self._paint_mirrored(painter, frame, self._image)
        oval = self._oval_rect(frame)
        self._paint_surroundings(painter, frame, oval)
        self._paint_ring(painter, oval)
        if self._number is not None:
            self._paint_number(painter, oval, str(self._number))
        elif self._busy:
            self._paint_pill(painter, QPointF(frame.center()), self._busy)
        elif self._hidden and self._image is not None:
            self._paint_pill(painter, QPointF(frame.center()), tr("Your picture is hidden"))
        painter.end()

    def _frame_rect(self) -> QRectF:
        """Where the picture goes: the largest rectangle of its shape, close to the hint above."""
        image = self._image
        shape = image.width() / image.height() if image is not None else 16 / 9
        width = min(self.width(), self.height() * shape)
        height = width / shape
        return QRectF((self.width() - width) / 2, 0, width, height)

    def _oval_rect(self, frame: QRectF) -> QRectF:
        height = frame.height() * OVAL_HEIGHT
        width = height * OVAL_ASPECT
        return QRectF(
            frame.center().x() - width / 2, frame.center().y() - height / 2, width, height
        )

    def _paint_mirrored(self, painter: QPainter, frame: QRectF, image: QImage) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.translate(frame.right(), frame.top())
        painter.scale(-1.0, 1.0)
        painter.drawImage(QRectF(0, 0, frame.width(), frame.height()), image)
        painter.restore()

    def _paint_surroundings(self, painter: QPainter, frame: QRectF, oval: QRectF) -> None:
        outside = QPainterPath()
        outside.addRect(frame)
        inside = QPainterPath()
        inside.addEllipse(oval)
        shade = QColor(current_palette().window)
        shade.setAlpha(150)
        painter.fillPath(outside.subtracted(inside), shade)

    def _paint_ring(self, painter: QPainter, oval: QRectF) -> None:
        palette = current_palette()
        # Light in both themes: what lies below is a picture, not the window.
        light = max(QColor(palette.surface), QColor(palette.text), key=QColor.lightness)
        guide = QPen(light, 4)
        guide.setStyle(Qt.PenStyle.SolidLine if self._well else Qt.PenStyle.DashLine)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(guide)
        painter.drawEllipse(oval)
        if self._well and self._steadiness > 0:
            full = QPen(QColor(palette.accent), 8)
            full.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(full)
            painter.drawArc(oval, 90 * 16, -round(360 * 16 * min(1.0, self._steadiness)))

    def _paint_number(self, painter: QPainter, oval: QRectF, text: str) -> None:
        palette = current_palette()
        radius = max(36.0, oval.width() * 0.2)
        middle = QPointF(oval.center().x(), oval.bottom() - radius * 0.35)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.accent))
        painter.drawEllipse(middle, radius, radius)
        font = QFont(self.font())
        font.setPixelSize(round(radius * 1.1))
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(palette.on_accent))
        box = QRectF(middle.x() - radius, middle.y() - radius, 2 * radius, 2 * radius)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_pill(self, painter: QPainter, middle: QPointF, text: str) -> None:
        palette = current_palette()
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(text) + 4 * UNIT
        height = metrics.height() + 2 * UNIT
        box = QRectF(middle.x() - width / 2, middle.y() - height / 2, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.surface))
        painter.drawRoundedRect(box, height / 2, height / 2)
        painter.setPen(QColor(palette.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

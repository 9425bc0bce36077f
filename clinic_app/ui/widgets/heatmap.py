"""The activation map over the face it was read from."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from clinic_app.domain.finding import ActivationMap
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import current_palette
from clinic_app.ui.widgets.basics import column, frame, label, row


def map_image(activation: ActivationMap, colour: QColor) -> QImage:
    """The map as one colour whose opacity is the activation (0 transparent, 1 opaque)."""
    image = QImage(activation.width, activation.height, QImage.Format.Format_ARGB32)
    for y in range(activation.height):
        for x in range(activation.width):
            strength = min(1.0, max(0.0, activation.values[y * activation.width + x]))
            tint = QColor(colour)
            tint.setAlphaF(strength)
            image.setPixelColor(x, y, tint)
    return image


class ActivationView(QWidget):
    """Face and map, one over the other; the map's opacity can be changed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._face: QImage | None = None
        self._map: QImage | None = None
        self._activation: ActivationMap | None = None
        self._opacity = 0.6
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setMinimumSize(224, 224)
        self.setAccessibleName(tr("Activation map over the face"))

    def show_map(self, face: QImage | None, activation: ActivationMap) -> None:
        """Without a kept face the map stands alone."""
        self._face, self._activation = face, activation
        self._map = map_image(activation, QColor(current_palette().accent))
        self.update()

    def set_opacity(self, opacity: float) -> None:
        self._opacity = min(1.0, max(0.0, opacity))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(256, 256)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._activation is not None:
            self.show_map(self._face, self._activation)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        side = min(self.width(), self.height())
        square = QRectF(0, (self.height() - side) / 2, side, side)
        clip = QPainterPath()
        clip.addRoundedRect(square, 10, 10)
        painter.setClipPath(clip)
        painter.fillRect(square, QColor(current_palette().sunken))
        if self._face is not None:
            painter.drawImage(square, self._face)
        if self._map is not None:
            painter.setOpacity(self._opacity)
            painter.drawImage(square, self._map)
        painter.end()


class HeatmapPanel(QWidget):
    """The map with its opacity slider and what it does and does not mean."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = ActivationView()
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, 100)
        self._slider.setValue(60)
        self._slider.setMinimumHeight(28)
        self._slider.setAccessibleName(tr("Opacity of the map"))
        self._slider.valueChanged.connect(lambda value: self._view.set_opacity(value / 100))
        caption = label(tr("Opacity of the map"), "small")
        caption.setBuddy(self._slider)
        words = column(gap=1)
        words.addWidget(
            label(
                tr(
                    "Coloured areas moved the reading most. The map shows where the model looked,"
                    " not why, and not whether it was right."
                ),
                "muted",
            )
        )
        words.addSpacing(8)
        words.addWidget(caption)
        words.addWidget(self._slider)
        words.addStretch(1)
        box = frame("card")
        column(self).addWidget(box)
        layout = row(box, margin=2, gap=3)
        layout.addWidget(self._view)
        layout.addLayout(words, 1)

    def show_map(self, face: QImage | None, activation: ActivationMap) -> None:
        self._view.show_map(face, activation)

    @property
    def slider(self) -> QSlider:
        return self._slider

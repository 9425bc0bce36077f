"""A print run that is painted page by page, away from the GUI thread.

Qt allows a ``QPainter`` on a ``QPrinter`` in any one thread ("Painting in threads"); a lane is one.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtPrintSupport import QPrinter

from clinic_app.domain.errors import ReportFailed


class PrinterSheets:
    """Puts each PNG on a sheet of its own, as large as the printable area allows."""

    def __init__(self, printer: QPrinter, pages: int) -> None:
        self._printer = printer
        self._painter: QPainter | None = None
        some = printer.printRange() is QPrinter.PrintRange.PageRange and printer.fromPage() > 0
        first, last = (printer.fromPage() - 1, printer.toPage()) if some else (0, pages)
        self._wanted = range(max(first, 0), min(last, pages))

    @property
    def wanted(self) -> range:
        return self._wanted

    def put(self, png: bytes) -> None:
        """Raises ``ReportFailed`` when the printer does not take the run."""
        if self._painter is None:
            painter = QPainter()
            if not painter.begin(self._printer):
                raise ReportFailed("The printer did not take the report.")
            self._painter = painter
        elif not self._printer.newPage():
            raise ReportFailed("The printer did not take the next page.")
        painter = self._painter
        image = QImage()
        image.loadFromData(png)
        area = QRectF(self._printer.pageRect(QPrinter.Unit.DevicePixel))
        size = image.size().scaled(area.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
        left = (area.width() - size.width()) / 2
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(left, 0, size.width(), size.height()), image)

    def finish(self) -> None:
        if self._painter is not None:
            self._painter.end()
            self._painter = None

    def give_up(self) -> None:
        if self._painter is not None:
            self._printer.abort()
        self.finish()

"""Showing pictures of the studio, and sending them to a file or to paper."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, QStandardPaths, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QFileDialog, QSizePolicy, QWidget

from clinic_app.domain.picture import Picture
from clinic_app.services.saving import save_file
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.screens.report.printer import PrinterSheets
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import current_palette
from clinic_app.ui.widgets.camera import image_of
from clinic_app.ui.workspace import Notices


class PictureView(QWidget):
    """One picture, whole, with round corners; ``words`` stand in its place while there is none."""

    def __init__(self, name: str, words: str = "", *, least: int = 96) -> None:
        super().__init__()
        self._image: QImage | None = None
        self._words = words
        self._least = least
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def image(self) -> QImage | None:
        return self._image

    def show_picture(self, picture: Picture | None) -> None:
        self._image = None if picture is None else image_of(picture)
        self.update()

    def show_png(self, png: bytes) -> None:
        self._image = QImage.fromData(png)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._least, self._least)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._least, self._least)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = current_palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        place = QRectF(self.rect())
        if self._image is not None and not self._image.isNull():
            size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRectF(0, 0, size.width(), size.height())
            place.moveCenter(QRectF(self.rect()).center())
        clip = QPainterPath()
        clip.addRoundedRect(place, 8, 8)
        painter.setClipPath(clip)
        painter.fillRect(place, QColor(colours.sunken))
        if self._image is not None:
            painter.drawImage(place, self._image)
        elif self._words:
            painter.setPen(QColor(colours.muted))
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(place.adjusted(8, 8, -8, -8), flags, self._words)
        painter.end()


def ask_picture_file(above: QWidget, chosen: Callable[[Path], object]) -> QFileDialog:
    """A photo from a folder."""
    dialog = QFileDialog(above, tr("Open a picture"), _pictures_folder())
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilter(tr("Pictures (*.jpg *.jpeg *.png *.webp *.bmp *.tif *.tiff)"))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda path: chosen(Path(path)))
    dialog.open()
    return dialog


def save_picture(
    above: QWidget, jobs: Jobs, notices: Notices, read: Callable[[], bytes], name: str
) -> QFileDialog:
    """Ask where, then write what ``read`` gives, in a lane. The file says that it is altered."""
    place = f"{_pictures_folder()}/{plain_name(name) or plain_name(tr('Studio picture'))}.png"
    dialog = QFileDialog(above, tr("Save the picture"), place)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilter(tr("PNG picture (*.png)"))
    dialog.setDefaultSuffix("png")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda path: write_picture(jobs, notices, read, Path(path)))
    dialog.open()
    return dialog


def plain_name(title: str) -> str:
    """A title as the name of a file in every file system; empty when nothing of it is left."""
    kept = (" " if one in '<>:"/\\|?*' or not one.isprintable() else one for one in title)
    return " ".join("".join(kept).split()).strip(" .")


def write_picture(jobs: Jobs, notices: Notices, read: Callable[[], bytes], path: Path) -> None:
    """Write the marked file."""
    jobs.submit(
        Lane.STUDIO,
        lambda: save_file(read(), path),
        done=lambda _: notices.tell(tr("Saved, and marked as altered.")),
        failed=notices.report,
    )


def print_picture(above: QWidget, jobs: Jobs, notices: Notices, read: Callable[[], bytes]) -> None:
    """Ask for a printer, then print one sheet in a lane."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    dialog = QPrintDialog(printer, above)
    if dialog.exec() != QDialog.DialogCode.Accepted:
        return

    def work() -> None:
        sheets = PrinterSheets(printer, 1)
        try:
            sheets.put(read())
        except BaseException:
            sheets.give_up()
            raise
        sheets.finish()

    jobs.submit(
        Lane.STUDIO,
        work,
        done=lambda _: notices.tell(tr("Sent to the printer.")),
        failed=notices.report,
    )


def _pictures_folder() -> str:
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)

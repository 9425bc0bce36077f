"""The pages of the report, with saving and printing beside them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QStackedWidget,
    QWidget,
)

from clinic_app.domain.people import Patient
from clinic_app.services.report_data import ReportKind
from clinic_app.services.translations import languages
from clinic_app.ui.screens.base import Screen
from clinic_app.ui.screens.person import person_text
from clinic_app.ui.screens.report.presenter import About, ReportPresenter
from clinic_app.ui.screens.report.printer import PrinterSheets
from clinic_app.ui.screens.report.printout import KIND_LABELS, check_printout
from clinic_app.ui.strings import sentence_of, tr
from clinic_app.ui.theme import UNIT, current_palette
from clinic_app.ui.widgets.basics import (
    button,
    clear,
    column,
    frame,
    icon_button,
    label,
    line,
    row,
    scrolling,
)
from clinic_app.ui.widgets.flow import Flow
from clinic_app.ui.widgets.password_sheet import ask_password
from clinic_app.ui.widgets.states import Busy, Emptiness, Failure
from clinic_app.ui.workspace import Workspace

FIT_MS = 120
"""A pause in resizing after which the page is drawn sharply again."""
PAGE_WIDTH = 900
"""Widest page on the screen in pixels."""


class PageView(QWidget):
    """One page as a sheet of paper, as wide as it is offered."""

    def __init__(self) -> None:
        super().__init__()
        self._page: QPixmap | None = None

    def show_page(self, page: QPixmap) -> None:
        self._page = page
        self.setFixedHeight(round(self._height_for(self.width())))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(PAGE_WIDTH, round(self._height_for(PAGE_WIDTH)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setFixedHeight(round(self._height_for(event.size().width())))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._page is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        paper = QRectF(1, 1, self.width() - 2, self._height_for(self.width()) - 2)
        painter.drawPixmap(paper, self._page, QRectF(self._page.rect()))
        painter.setPen(current_palette().border)
        painter.drawRect(paper)
        painter.end()

    def _height_for(self, width: int) -> float:
        if self._page is None or self._page.width() == 0:
            return width * 1.414
        return width * self._page.height() / self._page.width()


class ReportScreen(Screen):
    """A report of any kind, with the kinds to choose from."""

    def __init__(self, workspace: Workspace, about: About) -> None:
        super().__init__(workspace.jobs, tr("Report"))
        self._workspace = workspace
        self.presenter = presenter = ReportPresenter(workspace, about, self)
        self._fit = QTimer(self)
        self._fit.setSingleShot(True)
        self._fit.setInterval(FIT_MS)
        self._fit.timeout.connect(self._fit_page)
        self._build()
        self.destroyed.connect(lambda: presenter.close())
        presenter.load()

    def drop(self) -> None:
        super().drop()
        self.presenter.close()

    def renew(self) -> None:
        self.presenter.look_again()

    def go_back(self) -> None:
        self.presenter.back_to_patient()

    def leave(self) -> None:
        """Nothing to stop: the pages are drawn again when they are asked for."""

    # --- what the presenter asks for ----------------------------------------------------------

    def show_busy(self) -> None:
        self._set_ready(False)
        self.place.setText("")
        self._show_message(Busy(tr("Writing the report…")))

    def show_failed(self, error: BaseException) -> None:
        self._show_message(Failure(sentence_of(error), self.presenter.load))

    def show_kinds(self, kinds: tuple[ReportKind, ...], chosen: ReportKind, language: str) -> None:
        self.kinds.blockSignals(True)
        self.kinds.clear()
        for kind in kinds:
            self.kinds.addItem(tr(KIND_LABELS[kind]), kind)
        self.kinds.setCurrentIndex(kinds.index(chosen) if chosen in kinds else -1)
        self.kinds.blockSignals(False)
        self.languages.setCurrentIndex(self.languages.findData(language))
        self._tools.refit()

    def ask_audit_password(self) -> None:
        """An extract leaves the trail, so it is asked for again who wants it."""
        self._show_message(
            Emptiness(
                "shield",
                tr("Audit extract"),
                tr("It is made once your password is given."),
                (tr("Give password…"), self._ask_for_extract),
            )
        )
        self._ask_for_extract()

    def _ask_for_extract(self) -> None:
        ask_password(
            self,
            self._workspace.jobs,
            title=tr("Extract of the audit trail"),
            text=tr("The whole chain is verified and who asked for the extract is written down."),
            confirm=tr("Make the extract"),
            work=self.presenter.extract,
            done=self.presenter.rendered,
        )

    def show_loaded(self, kind: ReportKind, patient: Patient | None) -> None:
        title = tr(KIND_LABELS[kind])
        if patient is None:
            self.set_heading(title, "", tr("Today"))
        else:
            self.set_heading(title, person_text(patient), tr("Patient"))
        self._set_ready(True)
        for turning in (self.before, self.after):  # until the page is drawn
            turning.setEnabled(False)
        self._stack.setCurrentWidget(self._paper)
        self.save.setFocus(Qt.FocusReason.OtherFocusReason)
        self._fit.start()

    def show_page(self, png: bytes, page: int, pages: int) -> None:
        image = QPixmap()
        image.loadFromData(png)
        self.page.show_page(image)
        place = tr("Page {page} of {pages}").format(page=page + 1, pages=pages)
        self.place.setText(place)
        self.page.setAccessibleName(place)
        self._tools.refit()
        self.before.setEnabled(page > 0)
        self.after.setEnabled(page + 1 < pages)
        self._stack.setCurrentWidget(self._paper)

    def show_outdated(self, sentence: str) -> None:
        self._outdated_text.setText(sentence)
        self.outdated.setVisible(bool(sentence))

    def ask_place(self, name: str) -> None:
        if not self.isVisible():  # covered by the lock since
            return
        dialog = QFileDialog(self, tr("Save the report"), name, tr("PDF files (*.pdf)"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("pdf")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.presenter.save(Path(path)))
        dialog.open()

    def ask_printer(self, pages: int) -> None:
        if not self.isVisible():  # covered by the lock since
            return
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        dialog = QPrintDialog(printer, self)
        dialog.setOption(QPrintDialog.PrintDialogOption.PrintPageRange)
        dialog.setMinMax(1, pages)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self.presenter.print_on(PrinterSheets(printer, pages)))
        QDialog.open(dialog)

    def show_printing(self, done: int, of: int) -> None:
        self.print_button.setEnabled(of == 0)
        self.stop_printing.setVisible(of > 0)
        self.stop_printing.setText(tr("Stop printing ({done} of {of})").format(done=done, of=of))
        self._tools.refit()

    def ask_password(self) -> None:
        """A second look before a copy leaves the encrypted store."""
        ask_password(
            self,
            self._workspace.jobs,
            title=tr("Save a copy outside the clinic's store"),
            text=tr(
                "The PDF is not encrypted: whoever has the file can read it. Please enter your"
                " password to go on."
            ),
            confirm=tr("Continue"),
            work=self.presenter.prove,
            done=lambda _: self.presenter.choose_place(),
        )

    # --- building ----------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit.start()

    def _build(self) -> None:
        self._message = QWidget()
        self._message_box = column(self._message)
        self.page = PageView()
        self.page.setMaximumWidth(PAGE_WIDTH)
        holder = QWidget()
        centred = row(holder)
        centred.setContentsMargins(4 * UNIT, 3 * UNIT, 4 * UNIT, 3 * UNIT)
        centred.addStretch(1)
        centred.addWidget(self.page, 100, Qt.AlignmentFlag.AlignTop)
        centred.addStretch(1)
        self._paper = scrolling(holder)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._message)
        self._stack.addWidget(self._paper)
        layout = column(self, gap=0)
        layout.addLayout(self._build_tools())
        layout.addWidget(line())
        layout.addWidget(self._build_outdated())
        layout.addWidget(self._stack, 1)
        self._set_ready(False)

    def _build_tools(self) -> QHBoxLayout:
        tools = row(gap=1)
        tools.setContentsMargins(4 * UNIT, UNIT, 4 * UNIT, UNIT)
        self.before = icon_button("", "back", "icon", lambda: self.presenter.turn(-1))
        self.before.setAccessibleName(tr("Previous page"))
        self.before.setToolTip(tr("Previous page"))
        self.place = label("", "muted", wrap=False)
        self.after = icon_button("", "forward", "icon", lambda: self.presenter.turn(1))
        self.after.setAccessibleName(tr("Next page"))
        self.after.setToolTip(tr("Next page"))
        self.save = button(tr("Save as PDF…"), "primary", self.ask_password)
        self.print_button = button(tr("Print…"), "", lambda: self.presenter.print_all())
        self.stop_printing = button("", "", lambda: self.presenter.stop_printing())
        self.stop_printing.hide()
        self.before.setShortcut("PgUp")
        self.after.setShortcut("PgDown")
        self.save.setShortcut("Ctrl+S")
        self.print_button.setShortcut("Ctrl+P")
        self.kinds = QComboBox()
        self.kinds.setAccessibleName(tr("Kind of report"))
        self.kinds.activated.connect(
            lambda _: self.presenter.choose(ReportKind(self.kinds.currentData()))
        )
        self.languages = QComboBox()
        self.languages.setAccessibleName(tr("Language of the report"))
        for one in languages():
            self.languages.addItem(one.name, one.code)
        self.languages.activated.connect(
            lambda _: self.presenter.speak(str(self.languages.currentData()))
        )
        self.check = button(tr("Check a printout…"), "", self._check)
        self._tools = flowing = Flow()  # with large text the groups stand below each other
        flowing.add(_group(self.kinds, self.languages, self.check))
        flowing.add(_group(self.before, self.place, self.after))
        flowing.add(_group(self.print_button, self.stop_printing, self.save))
        tools.addWidget(flowing)
        return tools

    def _build_outdated(self) -> QFrame:
        self.outdated = frame("info")
        across = row(self.outdated, margin=2, gap=2)
        self._outdated_text = label("")
        across.addWidget(self._outdated_text, 1)
        across.addWidget(button(tr("Write it anew"), "", lambda: self.presenter.load()))
        self.outdated.hide()
        return self.outdated

    def _check(self) -> None:
        check_printout(self, self._workspace.jobs, self.presenter.verify)

    def _set_ready(self, ready: bool) -> None:
        for made in (self.before, self.after, self.save, self.print_button):
            made.setEnabled(ready)

    def _show_message(self, widget: QWidget) -> None:
        clear(self._message_box)
        self._message_box.addWidget(widget)
        self._stack.setCurrentWidget(self._message)

    def _fit_page(self) -> None:
        self.presenter.fit(round(self.page.width() * self.devicePixelRatioF()))


def _group(*widgets: QWidget) -> QWidget:
    """Widgets that stay beside each other."""
    holder = QWidget()
    line_of = row(holder, gap=1)
    for widget in widgets:
        line_of.addWidget(widget)
    return holder

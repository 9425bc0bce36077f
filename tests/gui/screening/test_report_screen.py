"""The report on the screen: pages, the password before a copy leaves, the printer."""

from __future__ import annotations

import threading
from pathlib import Path

import pypdf
import pytest
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QLineEdit

from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Patient
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.ui.screens.report.printer import PrinterSheets
from clinic_app.ui.screens.report.view import ReportScreen
from clinic_app.ui.widgets.states import Failure
from tests.fakes.clinic import FakeClinic
from tests.fakes.reading import png
from tests.gui.screening.conftest import Window


@pytest.fixture
def screen(window: Window, clinic: FakeClinic, patient: Patient) -> ReportScreen:
    clinic.renderer.preview = lambda pdf, page, width: (2, png(60, 85, 100 + 50 * page))
    screenings = clinic.services.screenings
    draft = screenings.start(patient.id)
    screenings.judge(draft.id, ClinicianSeverity.MILD)
    screening = screenings.finish(draft.id)
    window.desk.show_report(screening.id)
    shown = window.desk.present
    assert isinstance(shown, ReportScreen)
    window.until(lambda: shown.place.text() != "")
    return shown


def test_pages_can_be_leafed_through(window: Window, screen: ReportScreen) -> None:
    assert screen.place.text() == "Page 1 of 2"
    assert not screen.before.isEnabled()
    window.click(screen.after)
    assert screen.place.text() == "Page 2 of 2"
    assert not screen.after.isEnabled()


def test_saving_asks_for_the_password_first(window: Window, screen: ReportScreen) -> None:
    places: list[str] = []
    screen.ask_place = places.append  # type: ignore[method-assign]
    window.click(screen.save)
    assert window.desk.sheet.findChild(QLineEdit) is not None
    assert places == []
    window.take_back()
    assert len(places) == 1


def test_a_report_that_cannot_be_made_says_so(window: Window, screen: ReportScreen) -> None:
    window.desk.show_report(new_id())
    window.settle()
    shown = window.desk.present
    assert isinstance(shown, ReportScreen)
    assert shown.findChild(Failure) is not None
    assert not shown.save.isEnabled()


@pytest.mark.parametrize("pages", [(0, 0), (2, 2)])
def test_the_printer_gets_one_sheet_a_page_off_the_gui_thread(
    window: Window, screen: ReportScreen, tmp_path: Path, pages: tuple[int, int]
) -> None:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "printed.pdf"))
    if pages != (0, 0):
        printer.setFromTo(*pages)
        printer.setPrintRange(QPrinter.PrintRange.PageRange)
    sheets = PrinterSheets(printer, 2)
    threads: set[int] = set()
    put = sheets.put

    def noted(page: bytes) -> None:
        threads.add(threading.get_ident())
        put(page)

    sheets.put = noted  # type: ignore[method-assign]
    screen.presenter.print_on(sheets)
    assert not screen.print_button.isEnabled()
    assert screen.stop_printing.isVisible()
    window.until(screen.print_button.isEnabled)
    assert not screen.stop_printing.isVisible()
    assert threading.get_ident() not in threads
    printed = pypdf.PdfReader(str(tmp_path / "printed.pdf"))
    assert len(printed.pages) == (2 if pages == (0, 0) else 1)
    assert all(len(sheet.images) == 1 for sheet in printed.pages)


def test_no_dialog_is_asked_for_once_the_clinic_is_locked(
    window: Window, clinic: FakeClinic, screen: ReportScreen
) -> None:
    asked: list[object] = []
    screen.ask_place = asked.append  # type: ignore[method-assign]
    screen.ask_printer = asked.append  # type: ignore[method-assign]
    clinic.services.session.lock()
    screen.presenter.print_all()
    screen.presenter.choose_place()
    assert asked == []
    assert screen.print_button.isEnabled()

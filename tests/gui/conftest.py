"""The whole window on an in-memory clinic, driven with keyboard and mouse as people do."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from clinic_app.db.vault import FolderVault
from clinic_app.services.front_door import FrontDoor
from clinic_app.ui.appearance import Appearance, Choice, Look
from clinic_app.ui.jobs import JobRunner, Lane
from clinic_app.ui.shell.desk import Desk
from clinic_app.ui.shell.doors import Doors, Opened
from clinic_app.ui.shell.window import MainWindow
from clinic_app.ui.widgets.sheet import Sheet
from tests.fakes.clinic import PASSWORD, USER, FakeClinic
from tests.fakes.clock import FakeClock
from tests.fakes.reading import FakeFaceReader, FakeModelShelf
from tests.fakes.reports import FakeRenderer
from tests.fakes.vault import FakeVault
from tests.integration.cli.clinic import QUICK_ROUNDS

WAIT_MS = 20_000
_CONTROLS = (QLabel, QLineEdit, QAbstractButton)


@dataclass
class Driver:
    """A window and the hands and eyes on it."""

    qtbot: QtBot
    jobs: JobRunner
    window: MainWindow
    appearance: Appearance
    strays: list[str] = field(default_factory=list)
    _clinic: FakeClinic | None = None

    @property
    def clinic(self) -> FakeClinic:
        """The clinic in memory that the window was opened on."""
        assert self._clinic is not None, "this window was opened on no clinic in memory"
        return self._clinic

    @clinic.setter
    def clinic(self, clinic: FakeClinic) -> None:
        self._clinic = clinic

    @property
    def desk(self) -> Desk:
        assert self.window.desk is not None, "nobody is signed in"
        return self.window.desk

    @property
    def sheet(self) -> Sheet:
        """The sheet that lies over the desk."""
        assert self.desk.sheet is not None, "no sheet lies over the desk"
        return self.desk.sheet

    def until(self, is_so: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(is_so, timeout=WAIT_MS)

    def settle(self) -> None:
        """Wait until the store has answered and the window has drawn."""
        self.until(lambda: not self.jobs.busy)
        QApplication.processEvents()
        self.until(lambda: not self.jobs.busy)

    def type(self, widget: QWidget, text: str) -> None:
        assert widget.isVisible(), "this cannot be typed into: it is not in view"
        QTest.keyClicks(widget, text)

    def press(self, key: Qt.Key, widget: QWidget | None = None) -> None:
        QTest.keyClick(widget or QApplication.focusWidget() or self.window, key)
        self.settle()

    def shortcut(self, key: Qt.Key, modifier: Qt.KeyboardModifier) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifier)
        self.settle()

    def button(self, name: str, inside: QWidget | None = None) -> QAbstractButton:
        """The visible button of this accessible name or text."""
        for found in (inside or self.window).findChildren(QAbstractButton):
            words = found.text().replace("&&", "&").strip()
            if found.isVisible() and name in (words, found.accessibleName()):
                return found
        raise AssertionError(f"there is no button “{name}” in view")

    def click(self, name: str, inside: QWidget | None = None) -> None:
        QApplication.processEvents()
        button = self.button(name, inside)
        assert button.isEnabled(), f"“{name}” cannot be pressed"
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        self.settle()

    def words(self, inside: QWidget | None = None) -> str:
        """Everything that can be read, line by line."""
        QApplication.processEvents()
        labels = (inside or self.window).findChildren(QLabel)
        return "\n".join(one.text() for one in labels if one.isVisible() and one.text())

    def hold_the_store(self) -> Event:
        """The store answers nothing until the event is set."""
        gate = Event()
        wait = partial(gate.wait, 20)
        self.jobs.submit(Lane.DATABASE, wait, done=lambda _: None, failed=lambda _: None)
        return gate

    def strike(self, *controls: QWidget) -> None:
        """Press these one after the other, faster than the store answers, then Escape."""
        for one in controls:
            QTest.mouseClick(one, Qt.MouseButton.LeftButton)
        QTest.keyClick(self.sheet, Qt.Key.Key_Escape)

    def sign_in(self, user: str = USER, password: str = PASSWORD) -> None:
        page = self.window.entry.page
        assert page is not None
        self.type(page.sign_in.user_name, user)
        self.type(page.sign_in.password.edit, password)
        self.press(Qt.Key.Key_Return, page.sign_in.password.edit)

    def unlock(self, password: str = PASSWORD) -> None:
        """Type a password into the page of the lock."""
        page = self.window.lock_page
        assert page is not None, "the window is not locked"
        self.type(page.password.edit, password)
        self.press(Qt.Key.Key_Return, page.password.edit)


class _StrayWindows(QObject):
    """Notes every control that is shown without a parent: people would see it flash."""

    def __init__(self, found: list[str]) -> None:
        super().__init__()
        self._found = found

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (  # the type last: every event comes by here, and asking for it costs the most
            isinstance(watched, _CONTROLS)
            and watched.isWindow()
            and watched.windowType() == Qt.WindowType.Window
            and event.type() == QEvent.Type.Show
        ):
            self._found.append(f"{type(watched).__name__} {watched.text()}")
        return False


@pytest.fixture(scope="session")
def kept_modules() -> None:
    """What is there before the first window stays: the collector need not look at it each time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def collected_here(kept_modules: None) -> Iterator[None]:
    """Collect cycles in this thread alone, as the program does: see `clinic_app.ui.garbage`."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture(autouse=True)
def _quick_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real stores derive keys with few rounds: what comes after signing in is tested here."""
    quick = partial(FolderVault, rounds=QUICK_ROUNDS)
    monkeypatch.setattr("clinic_app.db.vault.open_vault", quick)


@pytest.fixture
def clinic() -> FakeClinic:
    return FakeClinic()


@pytest.fixture
def empty_door() -> FrontDoor:
    """A folder without a clinic."""
    return FrontDoor(FakeVault(FakeClock()), FakeFaceReader(), FakeModelShelf(), FakeRenderer())


Start = Callable[..., Driver]


@pytest.fixture
def drive(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Start]:
    """Opens a window on these doors, or for somebody who has come in; closes everything at the
    end."""
    drivers: list[Driver] = []

    def start(doors: Doors, opened: Opened | None = None) -> Driver:
        jobs = JobRunner()
        appearance = Appearance(qapp, tmp_path / "window.json")
        appearance.choice = Choice(Look.LIGHT)
        appearance.apply()
        window = MainWindow(doors, jobs, appearance)
        window.resize(1280, 800)
        driver = Driver(qtbot, jobs, window, appearance)
        drivers.append(driver)
        watch = _StrayWindows(driver.strays)
        watch.setParent(window)
        qapp.installEventFilter(watch)
        window.show()
        qtbot.waitExposed(window)
        if opened is None:
            window.start()
        else:
            window.entry.entered.emit(opened)
        driver.settle()
        return driver

    yield start
    try:
        for driver in drivers:
            driver.settle()
            if driver.window.desk is not None:
                driver.window.desk.close_down()
            driver.settle()
            driver.jobs.close()
            driver.window.hide()
            driver.window.deleteLater()
            assert driver.strays == []
    finally:  # whatever failed, the next window is to begin with the usual look
        # Windows that only wait for their deletion would all be styled anew with the next one.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        for driver in drivers:
            driver.appearance.choice = Choice(Look.LIGHT)
            driver.appearance.apply()


@pytest.fixture
def first_run(drive: Start, empty_door: FrontDoor) -> Driver:
    """A laptop without a clinic; the demo opens a clinic in memory."""

    def demo() -> Opened:
        made_up = FakeClinic()
        return Opened(made_up.front_door, made_up.services)

    return drive(Doors(lambda: empty_door, demo))


def doors_of(clinic: FakeClinic) -> Doors:
    def no_demo() -> Opened:
        raise AssertionError("the demo was not asked for")

    return Doors(lambda: clinic.front_door, no_demo)


@pytest.fixture
def outside(drive: Start, clinic: FakeClinic) -> Driver:
    """The sign-in page of a clinic."""
    driver = drive(doors_of(clinic))
    driver.clinic = clinic
    return driver


@pytest.fixture
def inside(drive: Start, clinic: FakeClinic) -> Driver:
    """Signed in, on the first screen. The page before it has tests of its own, from `outside`."""
    driver = drive(doors_of(clinic), Opened(clinic.front_door, clinic.sign_in()))
    driver.clinic = clinic
    assert driver.window.desk is not None
    return driver


@pytest.fixture
def printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the printer that is chosen in the dialog leaves its sheet."""
    path = tmp_path / "printed.pdf"

    def choose(dialog: QPrintDialog) -> int:
        dialog.printer().setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        dialog.printer().setOutputFileName(str(path))
        return QPrintDialog.DialogCode.Accepted

    monkeypatch.setattr(QPrintDialog, "exec", choose)
    return path

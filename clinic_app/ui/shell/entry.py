"""Everything before somebody is signed in: first run, set-up, sign-in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from clinic_app.services.vault_storage import VaultState
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.screens.first_run.view import FirstRunScreen
from clinic_app.ui.screens.setup.view import SetUpScreen
from clinic_app.ui.screens.sign_in.view import SignInScreen
from clinic_app.ui.shell.doors import Doors, Opened
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.entry_frame import EntryFrame
from clinic_app.ui.widgets.states import Busy, Failure

if TYPE_CHECKING:
    from clinic_app.services.clinic_services import ClinicServices
    from clinic_app.services.front_door import FrontDoor, SetUpDone


class Entry(QStackedWidget):
    """Signals:
    entered: an ``Opened`` clinic.
    ready: a page that can be used is shown.
    """

    entered = Signal(object)
    ready = Signal()

    def __init__(self, doors: Doors, jobs: Jobs) -> None:
        super().__init__()
        self._doors = doors
        self._jobs = jobs

    def start(self) -> None:
        """Look whether there is a clinic, and show what fits."""
        self._show(EntryFrame(Busy(tr("Opening…"))))

        def look() -> tuple[FrontDoor, VaultState]:
            front_door = self._doors.open_clinic()
            return front_door, front_door.state()

        self._jobs.submit(Lane.DATABASE, look, done=self._choose, failed=self._tell)

    def retell(self) -> None:
        """The language has changed: show the first page again, unless a clinic is being set up."""
        if not isinstance(self.currentWidget(), SetUpScreen):
            self.start()

    def forget(self) -> None:
        """Drop the page and what was typed into it: passwords, the recovery key."""
        self._show(QWidget())

    def stop(self) -> None:
        """End what runs on the page before the window closes."""
        page = self.currentWidget()
        if isinstance(page, SignInScreen):
            page.stop()

    @property
    def page(self) -> QWidget | None:
        """What is shown."""
        return self.currentWidget()

    @property
    def must_not_close(self) -> bool:
        """Whether the recovery key is on screen and not confirmed yet."""
        page = self.currentWidget()
        return isinstance(page, SetUpScreen) and page.key_is_shown

    def _choose(self, found: tuple[FrontDoor, VaultState]) -> None:
        front_door, state = found
        if state is VaultState.EMPTY:
            self._show_first_run(front_door)
        else:
            self._show_sign_in(front_door)
        self.ready.emit()

    def _tell(self, error: BaseException) -> None:
        self._show(EntryFrame(Failure(explain(error), self.start)))
        self.ready.emit()

    def _show_first_run(self, front_door: FrontDoor) -> None:
        doors = self._doors
        page = FirstRunScreen(self._jobs, doors.open_demo, self.entered.emit, doors.open_seeded)
        page.set_up_chosen.connect(lambda: self._show_set_up(front_door))
        self._show(page)

    def _show_set_up(self, front_door: FrontDoor) -> None:
        def finished(done: SetUpDone) -> None:
            self.entered.emit(Opened(front_door, done.services))

        page = SetUpScreen(self._jobs, front_door.set_up, finished)
        page.cancelled.connect(lambda: self._show_first_run(front_door))
        self._show(page)

    def _show_sign_in(self, front_door: FrontDoor) -> None:
        def entered(services: ClinicServices) -> None:
            self.entered.emit(Opened(front_door, services))

        self._show(SignInScreen(self._jobs, front_door.sign_in, front_door.recover, entered))

    def _show(self, page: QWidget) -> None:
        before = self.currentWidget()
        self.addWidget(page)
        self.setCurrentWidget(page)
        if before is not None:
            self.removeWidget(before)
            before.deleteLater()
        page.setFocus()

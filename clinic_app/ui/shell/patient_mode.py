"""The laptop in a patient's hands: handed over, told anew in another language, taken back."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from clinic_app.ui.jobs import Lane
from clinic_app.ui.shell.screen_stack import ScreenStack
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.password_sheet import ask_password
from clinic_app.ui.workspace import Workspace


class PatientMode(QObject):
    """Who holds the laptop, as far as the window goes; the session keeps who may do what.

    Signals:
        changed: the laptop went to a patient or back to the staff; ``patient_id`` tells which.
    """

    changed = Signal()

    def __init__(self, desk: QWidget, workspace: Workspace, stack: ScreenStack) -> None:
        super().__init__(desk)
        self._desk, self._workspace, self._stack = desk, workspace, stack
        self.patient_id: UUID | None = None
        """Whose hands it is in; ``None`` for those of the staff."""

    def enter(self, patient_id: UUID) -> None:
        self._set(patient_id)

        def fail(error: BaseException) -> None:
            self._set(None)
            self._workspace.notices.report(error)

        clinic = self._workspace.services.clinic
        self._workspace.jobs.submit(
            Lane.DATABASE, lambda: clinic.hand_over(patient_id), done=lambda _: None, failed=fail
        )

    def retell(self) -> None:
        """The patient chose another language: the pages are made anew. Not amid the questions."""
        from clinic_app.ui.screens.patient_home.view import PatientHomeScreen

        if self.patient_id is not None and isinstance(self._stack.present, PatientHomeScreen):
            screen = PatientHomeScreen(self._workspace, self.patient_id, handed_over=True)
            self._stack.enter("patients", screen)

    def end(self) -> None:
        """The laptop is back, without a page to go on with."""
        self._set(None)

    def leave(self, then: Callable[[], None]) -> None:
        def back(_: object) -> None:
            self._set(None)
            then()

        services = self._workspace.services
        ask_password(
            self._desk,
            self._workspace.jobs,
            title=tr("Back to the staff"),
            text=tr("This step belongs to the staff of the clinic."),
            confirm=tr("Take the laptop back"),
            cancel=tr("Stay here"),
            caption=tr("Password of {name}").format(name=services.session.user.display_name),
            work=services.clinic.resume,
            done=back,
        )

    def _set(self, patient_id: UUID | None) -> None:
        self.patient_id = patient_id
        self.changed.emit()

"""What can be done with a still and what was made of it: keep, save, print, use elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from clinic_app.domain.access import Action, allows
from clinic_app.domain.picture import Picture
from clinic_app.domain.studio import StudioSource
from clinic_app.services.studio_data import StudioContent
from clinic_app.ui.jobs import Lane, ScreenJobs
from clinic_app.ui.screens.studio.keeping import ask_to_keep, save_out
from clinic_app.ui.screens.studio.pictures import print_picture
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.basics import button, column, icon_button
from clinic_app.ui.widgets.flow import Flow
from clinic_app.ui.workspace import Workspace


class ResultActions(QWidget):
    """``shown``: the still, what was made of it and how; none while there is nothing to act on.
    ``fail`` is told why something could not be kept.

    Signals:
        kept: something was put into the gallery.
        handed_over: a ``StudioContent`` for the optimised transfer.
        for_looks: one of the camera, to measure looks on.
    """

    kept = Signal()
    handed_over = Signal(object)
    for_looks = Signal(object)

    def __init__(
        self, workspace: Workspace, jobs: ScreenJobs, fail: Callable[[BaseException], None]
    ) -> None:
        super().__init__()
        self._workspace, self._jobs, self._fail = workspace, jobs, fail
        self._studio = workspace.services.studio
        self.shown: tuple[StudioContent, Picture, str] | None = None
        self.keep = button(tr("Put into the gallery"), "", self._keep)
        self.save = icon_button(tr("Save…"), "save", "", self._save)
        self.print = icon_button(tr("Print…"), "print", "", self._print)
        self.further = button(tr("Use in a transfer"), "", self._hand_over)
        self.measure = button(tr("Measure looks on it"), "", self._measure)
        self._may_measure = allows(workspace.services.session.user.role, Action.EDIT_LOOK)
        across = Flow()
        for one in (self.keep, self.save, self.print, self.further, self.measure):
            across.add(one)
        column(self).addWidget(across)

    def allow(self) -> None:
        """After ``shown`` has changed."""
        for one in (self.keep, self.save, self.print, self.further):
            one.setEnabled(self.shown is not None)
        taken = self.shown is not None and self.shown[0].source is StudioSource.WEBCAM
        self.measure.setVisible(taken and self._may_measure)

    def _keep(self) -> None:
        if self.shown is None:
            return
        content, picture, how = self.shown

        def keep(of_patient: bool) -> None:
            self._jobs.submit(
                Lane.STUDIO,
                lambda: self._studio.keep(content, picture, "", how, also_of_patient=of_patient),
                done=lambda _: self._kept(),
                failed=self._fail,
            )

        ask_to_keep(self, content, keep)

    def _kept(self) -> None:
        self._workspace.notices.tell(tr("Put into the gallery."))
        self.kept.emit()

    def _save(self) -> None:
        if self.shown is not None:
            content, picture, _ = self.shown
            save_out(
                self,
                self._workspace,
                self._jobs,
                lambda password: self._studio.marked(content, picture, password=password),
                tr("Studio picture"),
                of_patient=content.patient_id is not None,
            )

    def _print(self) -> None:
        if self.shown is not None:
            content, picture, _ = self.shown
            print_picture(
                self,
                self._jobs,
                self._workspace.notices,
                lambda: self._studio.marked(content, picture, printing=True),
            )

    def _hand_over(self) -> None:
        if self.shown is not None:
            self.handed_over.emit(self.shown[0])

    def _measure(self) -> None:
        if self.shown is not None:
            self.for_looks.emit(self.shown[0])

"""What a person may ask for, on the page of that person: the records in files, and erasure."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtWidgets import QWidget

from clinic_app.domain.access import Action, allows
from clinic_app.ui.screens.subject.erase_sheet import EraseSheet
from clinic_app.ui.screens.subject.export_sheet import ExportSheet
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.basics import column, icon_button, label
from clinic_app.ui.widgets.flow import Flow
from clinic_app.ui.workspace import Workspace


class SubjectPanel(QWidget):
    """Offers what the role allows: everybody records a request for erasure, administrators
    export and decide."""

    def __init__(self, workspace: Workspace, patient_id: UUID) -> None:
        super().__init__()
        self._workspace = workspace
        self._patient_id = patient_id
        self.sheet: ExportSheet | EraseSheet | None = None
        role = workspace.services.session.user.role
        box = column(self, gap=1)
        box.addWidget(label(tr("The person's own rights"), "heading"))
        self.export = icon_button(tr("Export record…"), "save", "", self._export)
        self.erase = icon_button(tr("Erase…"), "close", "", self._erase)
        offered = Flow()
        for made, action in (
            (self.export, Action.EXPORT_PATIENT),
            (self.erase, Action.ASK_ERASURE),
        ):
            offered.add(made)
            made.setVisible(allows(role, action))
        box.addWidget(offered)

    def _export(self) -> None:
        self.sheet = ExportSheet(self, self._workspace, self._patient_id)

    def _erase(self) -> None:
        self.sheet = EraseSheet(self, self._workspace, self._patient_id)

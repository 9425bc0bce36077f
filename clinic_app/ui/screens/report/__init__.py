"""A finished screening's report: look at it, save it, print it."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtWidgets import QWidget

from clinic_app.ui.workspace import Workspace


def open_report(workspace: Workspace, screening_id: UUID) -> QWidget:
    """The report of one screening; the widget has a ``title``."""
    from clinic_app.ui.screens.report.view import ReportScreen

    return ReportScreen(workspace, screening_id)

"""Reports of every kind: look at one, save it, print it, verify a printed one."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtWidgets import QWidget

from clinic_app.domain.worklist import WorklistFilter
from clinic_app.services.report_data import ReportKind
from clinic_app.ui.language import spoken
from clinic_app.ui.workspace import Workspace


def open_report(workspace: Workspace, screening_id: UUID) -> QWidget:
    """The report of one screening; the widget has a ``title``."""
    from clinic_app.ui.screens.report.presenter import About
    from clinic_app.ui.screens.report.view import ReportScreen

    about = About(ReportKind.SCREENING, screening_id=screening_id, language=spoken().code)
    return ReportScreen(workspace, about)


def open_reports(workspace: Workspace, patient_id: UUID | None, wanted: WorklistFilter) -> QWidget:
    """The reports about a person, the history first; without one those about the clinic, the
    worklist of whom is ``wanted`` first."""
    from clinic_app.ui.screens.report.presenter import About
    from clinic_app.ui.screens.report.view import ReportScreen

    kind = ReportKind.WORKLIST if patient_id is None else ReportKind.HISTORY
    about = About(kind, patient_id=patient_id, language=spoken().code, wanted=wanted)
    return ReportScreen(workspace, about)

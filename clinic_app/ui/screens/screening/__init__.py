"""Taking a screening: consent, picture, questionnaires, own judgement, result, saving."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtWidgets import QWidget

from clinic_app.ui.workspace import Workspace


def open_screening(workspace: Workspace, draft_id: UUID) -> QWidget:
    """The screen of one draft; it has a ``title`` and a ``leave`` that stops the camera."""
    from clinic_app.ui.screens.screening.view import ScreeningScreen

    return ScreeningScreen(workspace, draft_id)

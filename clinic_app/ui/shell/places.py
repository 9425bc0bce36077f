"""The screens that the navigation leads to, each loaded when it is first visited."""

from __future__ import annotations

from collections.abc import Callable

from clinic_app.ui.screens.base import Screen
from clinic_app.ui.workspace import Workspace


def _today(workspace: Workspace) -> Screen:
    from clinic_app.ui.screens.today.view import TodayScreen

    return TodayScreen(workspace)


def _worklist(workspace: Workspace) -> Screen:
    from clinic_app.ui.screens.worklist.view import WorklistScreen

    return WorklistScreen(workspace)


def _patients(workspace: Workspace) -> Screen:
    from clinic_app.ui.screens.patients.view import PatientsScreen

    return PatientsScreen(workspace)


def _appointments(workspace: Workspace) -> Screen:
    from clinic_app.ui.screens.appointments.view import AppointmentsScreen

    return AppointmentsScreen(workspace)


def _tasks(workspace: Workspace) -> Screen:
    from clinic_app.ui.screens.tasks.view import TasksScreen

    return TasksScreen(workspace)


def _feedback(workspace: Workspace) -> Screen:
    from clinic_app.ui.screens.feedback.view import FeedbackScreen

    return FeedbackScreen(workspace)


def _learning(workspace: Workspace) -> Screen:
    from clinic_app.ui.screens.learning.view import LearningScreen

    return LearningScreen(workspace)


def _models(workspace: Workspace) -> Screen:
    from clinic_app.ui.screens.models.view import ModelsScreen

    return ModelsScreen(workspace)


def _studio(workspace: Workspace) -> Screen:
    from clinic_app.ui.screens.studio.view import StudioScreen

    return StudioScreen(workspace)


PLACES: dict[str, Callable[[Workspace], Screen]] = {
    "today": _today,
    "worklist": _worklist,
    "patients": _patients,
    "appointments": _appointments,
    "tasks": _tasks,
    "feedback": _feedback,
    "learning": _learning,
    "models": _models,
    "studio": _studio,
}
"""What makes the screen of a place that asks for nothing but the workspace."""

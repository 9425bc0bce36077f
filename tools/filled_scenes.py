"""Every screen filled with the clinic of three hundred made-up people, for a look at full lists."""

from __future__ import annotations

from moves import Move, go
from PySide6.QtWidgets import QScrollArea

from clinic_app.services.clinic_services import ClinicServices
from clinic_app.ui.screens.admin.view import AdminScreen
from clinic_app.ui.screenshots import Scene, desk_of
from clinic_app.ui.shell.doors import Opened
from clinic_app.ui.shell.window import MainWindow

_PLACES = ("worklist", "patients", "tasks", "appointments", "feedback", "models", "admin")
_SECTIONS = ("clinic", "hours", "contacts", "screening", "texts", "lists", "models", "devices")
_MORE = ("security", "backup", "retention", "erasures", "audit")
_LONG = "M-002"
"""Who came thirty times."""


def filled_scenes(opened: Opened) -> list[Scene]:
    """From the first screen to the audit trail; long pages also at their middle and end."""
    services = opened.services
    scenes = [
        Scene("filled-today", (lambda window: window.entry.entered.emit(opened),)),
        Scene("filled-today-end", (_scroll(1.0),)),
        *(Scene(f"filled-{name}", (go(name),)) for name in _PLACES),
        Scene("filled-feedback-end", (go("feedback"), _scroll(1.0))),
        Scene("filled-models-end", (go("models"), _scroll(1.0))),
        *_patient(services),
    ]
    return [*scenes, *_settings()]


def _patient(services: ClinicServices) -> list[Scene]:
    (row,) = services.patients.search(_LONG)
    patient = row.patient.id
    newest = services.screenings.of_patient(patient, limit=1)[0]
    parts = [Scene(f"filled-patient-{number}", (_scroll(number / 6),)) for number in range(1, 7)]
    return [
        Scene("filled-patient", (lambda window: desk_of(window).show_patient(patient),)),
        *parts,
        Scene("filled-report", (lambda window: desk_of(window).show_report(newest.id),)),
        Scene("filled-duplicates", (lambda window: desk_of(window).show_duplicates(),)),
    ]


def _settings() -> list[Scene]:
    def section(name: str) -> Move:
        def move(window: MainWindow) -> None:
            screen = desk_of(window).present
            assert isinstance(screen, AdminScreen)
            screen.open(name)

        return move

    moves = [(name, (section(name),)) for name in (*_SECTIONS, *_MORE)]
    return [
        Scene("filled-admin-users", (go("admin"),)),
        *(Scene(f"filled-admin-{name}", step) for name, step in moves),
    ]


def _scroll(share: float) -> Move:
    def move(window: MainWindow) -> None:
        for area in window.findChildren(QScrollArea):
            if area.isVisible():
                bar = area.verticalScrollBar()
                bar.setValue(round(share * bar.maximum()))

    return move

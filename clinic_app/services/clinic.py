"""The clinic's own settings."""

from __future__ import annotations

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.people import ClinicProfile
from clinic_app.services.session import Desk


class ClinicService:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def profile(self) -> ClinicProfile:
        """Open to every state of the session: the lock screen shows the clinic's name too."""
        with self._desk.unit_of_work() as work:
            return work.clinic.get()

    def audit_is_intact(self) -> bool:
        """Verify the whole audit chain."""
        self._desk.allow(Action.SEE_AUDIT)
        with self._desk.unit_of_work() as work:
            return work.audit.verify().intact

    def lock(self) -> None:
        """Lock the window; drafts are already in the store."""
        self._desk.session.lock()
        self._desk.note_down(AuditKind.LOCKED, "session")

    def resume(self, password: str) -> None:
        """Unlock or take the laptop back; raises ``WrongPassword`` or ``SignInThrottled``."""
        self._desk.session.resume(password)
        self._desk.note_down(AuditKind.REAUTHENTICATED, "session")

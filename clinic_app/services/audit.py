"""Reading and verifying the audit trail."""

from __future__ import annotations

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditCheck, AuditEntry, AuditKind
from clinic_app.services.session import Desk


class AuditService:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def verify(self) -> AuditCheck:
        """Check every link of the chain; the checking itself is audited afterwards."""
        user = self._desk.allow(Action.SEE_AUDIT)
        with self._desk.unit_of_work() as work:
            check = work.audit.verify()
            work.audit.record(AuditKind.READ, user.id, "audit", detail="verify")
            work.commit()
        return check

    def entries(self, limit: int = 1000, after: int = 0) -> list[AuditEntry]:
        """At most ``limit`` entries numbered above ``after``, in order; the reading is audited."""
        user = self._desk.allow(Action.SEE_AUDIT)
        with self._desk.unit_of_work() as work:
            found = work.audit.entries(limit, after)
            work.audit.record(AuditKind.READ, user.id, "audit")
            work.commit()
        return found

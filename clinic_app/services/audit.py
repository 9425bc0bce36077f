"""Reading, searching, verifying and handing out the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditCheck, AuditEntry, AuditKind
from clinic_app.domain.audit_heads import AuditHead
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.paging import Page
from clinic_app.services.audit_data import EVERYTHING, AuditQuery, AuditRow
from clinic_app.services.session import Desk
from clinic_app.services.storage import UnitOfWork

PAGE = 100
EXTRACT_LIMIT = 20_000
"""Entries of one extract: some 400 pages on paper; more is asked for in parts."""


@dataclass(frozen=True, slots=True)
class AuditExtract:
    """Entries that leave the store, oldest first, with what proves that the chain behind them
    holds. ``check`` covers the whole trail, not only these entries."""

    query: AuditQuery
    rows: tuple[AuditRow, ...]
    check: AuditCheck
    clinic_name: str
    made_at: datetime
    made_by: str


class AuditService:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._turning: AuditQuery | None = None
        """What was looked for last, and audited: turning its pages is one reading."""

    def verify(self) -> AuditCheck:
        """Check every link of the chain, and the trails of all workstations against what they told
        the centre of them; the checking itself is audited afterwards."""
        user = self._desk.allow(Action.SEE_AUDIT)
        with self._desk.unit_of_work() as work:
            check = work.audit.verify()
            work.audit.record(AuditKind.READ, user.id, "audit", detail="verify")
            work.commit()
        return check

    def told(self) -> dict[str, AuditHead]:
        """The last that each workstation told of its audit trail, by the workstation's name; empty
        without a centre."""
        self._desk.allow(Action.SEE_AUDIT)
        with self._desk.unit_of_work() as work:
            return work.audit.told()

    def entries(self, limit: int = 1000, after: int = 0) -> list[AuditEntry]:
        """At most ``limit`` entries numbered above ``after``, in order; the reading is audited."""
        user = self._desk.allow(Action.SEE_AUDIT)
        with self._desk.unit_of_work() as work:
            found = work.audit.entries(limit, after)
            work.audit.record(AuditKind.READ, user.id, "audit")
            work.commit()
        return found

    def browse(self, query: AuditQuery = EVERYTHING, limit: int = PAGE) -> Page[AuditRow, int]:
        """One page, newest first; ``next`` goes into ``query.before`` for the page after it.

        The reading is audited, and who was looked for. Raises ``StoreDamaged`` for an entry that
        was altered beyond reading.
        """
        user = self._desk.allow(Action.SEE_AUDIT)
        with self._desk.unit_of_work() as work:
            found = work.audit.search(query, limit)
            rows = _named(found, _names(work))
            asked = replace(query, before=None)
            if query.before is None or asked != self._turning:
                work.audit.record(AuditKind.READ, user.id, "audit", query.patient_id)
                work.commit()
                self._turning = asked
        return Page(rows, found[-1].number if len(found) == limit else None)

    def extract(self, query: AuditQuery, password: str) -> AuditExtract:
        """Entries to be handed out, with the result of verifying the whole chain.

        ``password`` is asked for again. Raises ``WrongPassword``, ``SignInThrottled``, and
        ``InvalidInput`` when there are more entries than one extract holds.
        """
        user = self._desk.allow(Action.SEE_AUDIT)
        self._desk.reauthenticate(password)
        with self._desk.unit_of_work() as work:
            found = work.audit.search(replace(query, before=None), EXTRACT_LIMIT + 1)
            if len(found) > EXTRACT_LIMIT:
                raise InvalidInput(
                    "since",
                    "These are more than {limit} entries. Please choose a shorter time.",
                    limit=EXTRACT_LIMIT,
                )
            extract = AuditExtract(
                query,
                _named(found[::-1], _names(work)),
                work.audit.verify(),
                work.clinic.get().name,
                self._desk.now(),
                user.display_name,
            )
            detail = f"{len(found)} entries"
            work.audit.record(AuditKind.EXPORTED, user.id, "audit", query.patient_id, detail)
            work.commit()
        return extract

    def actors(self) -> dict[UUID, str]:
        """Display name by user, to choose from; switched-off accounts too."""
        self._desk.allow(Action.SEE_AUDIT)
        with self._desk.unit_of_work() as work:
            return dict(_names(work))


def _names(work: UnitOfWork) -> Mapping[UUID, str]:
    return {user.id: user.display_name for user in work.users.all()}


def _named(entries: list[AuditEntry], names: Mapping[UUID, str]) -> tuple[AuditRow, ...]:
    return tuple(AuditRow(one, names.get(one.by, "") if one.by else "") for one in entries)

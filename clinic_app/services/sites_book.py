"""What a clinic writes down about learning with others: events, secrets, and sent messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.ids import new_id
from clinic_app.domain.joint_learning import (
    Agreement,
    JoinedGroup,
    SiteEvent,
    SiteEventKind,
    SiteGroup,
    fold_joint,
)
from clinic_app.services.session import Desk
from clinic_app.services.sites_data import RoundMemory, RoundSeen, Sent, SitesTrouble
from clinic_app.services.sites_head import joint_head
from clinic_app.services.sites_rows import names, nothing_sent
from clinic_app.services.storage import UnitOfWork

OWN_KEY, OWN_GROUP = "key", "group"
"""Names of this laptop's secret and of the group file that it joined with."""


class SitesBook:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def memory(self, round_id: UUID) -> RoundMemory:
        return _Memory(self._desk, round_id)

    def keep_stop(
        self, round_id: UUID, joined: JoinedGroup, by: Iterable[int], text: str = ""
    ) -> None:
        """That a round is over, by which clinics; its key is forgotten. Once."""
        user = self._desk.session.user
        with self._desk.unit_of_work() as work:
            known = fold_joint(work.site_events.all()).round(round_id)
            if known.stopped is not None or known.ended is not None:
                return
            self.tell(
                work,
                SiteEventKind.STOPPED,
                round_id,
                text=text,
                stopped_by=names(joined.group, by),
                unsent=nothing_sent(work, round_id),
            )
            work.site_desk.forget(round_id)
            kind = AuditKind.SIGNED if text else AuditKind.CHANGED
            work.audit.record(kind, user.id, "joint learning", round_id, "stopped")
            work.commit()

    def keep_head(self, joined: JoinedGroup, agreement: Agreement, seen: RoundSeen) -> None:
        """The head, the end of the round and the audit entry in one commit, once; the key of the
        round is forgotten."""
        user = self._desk.session.user
        with self._desk.unit_of_work() as work:
            if fold_joint(work.site_events.all()).round(seen.id).ended is not None:
                return
            head = joint_head(work, joined.group, agreement, seen, user.id, self._desk.now())
            work.heads.add(head)
            self.tell(work, SiteEventKind.ENDED, seen.id, head_id=head.id)
            work.site_desk.forget(seen.id)
            work.audit.record(AuditKind.CREATED, user.id, "local head", head.id, head.version)
            work.commit()

    def tell(
        self,
        work: UnitOfWork,
        kind: SiteEventKind,
        round_id: UUID | None = None,
        *,
        text: str = "",
        group: SiteGroup | None = None,
        agreement: Agreement | None = None,
        stopped_by: tuple[str, ...] = (),
        unsent: bool = False,
        head_id: UUID | None = None,
    ) -> None:
        """By who is signed in, now."""
        work.site_events.add(
            SiteEvent(
                id=new_id(),
                kind=kind,
                at=self._desk.now(),
                by=self._desk.session.user.id,
                round_id=round_id,
                text=text,
                group=group,
                agreement=agreement,
                stopped_by=stopped_by,
                unsent=unsent,
                head_id=head_id,
            )
        )


@dataclass(frozen=True)
class _Memory:
    """Implements ``RoundMemory`` in the store of this laptop."""

    desk: Desk
    round_id: UUID

    def secret(self) -> bytes | None:
        with self.desk.unit_of_work() as work:
            return work.site_desk.secret(self.round_id)

    def sent(self, number: int) -> Sent | None:
        with self.desk.unit_of_work() as work:
            return work.site_desk.sent(self.round_id, number)

    def keep(self, number: int, message: Sent) -> None:
        """With the audit entry of what leaves, as long as the round is open here: what was recorded
        as unsent stays so."""
        user = self.desk.session.user
        with self.desk.unit_of_work() as work:
            if work.site_desk.secret(self.round_id) is None:
                raise SitesTrouble("This round has ended already.")
            work.site_desk.keep(self.round_id, number, message)
            what = f"sums {number}" if number else "agreement"
            work.audit.record(AuditKind.EXPORTED, user.id, "joint learning", self.round_id, what)
            work.commit()

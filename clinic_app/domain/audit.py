"""The audit trail: every read, change, print and refusal, in an HMAC chain.

Entry n's ``mac`` is HMAC-SHA256 over its content and the mac of entry n-1, so an edited, removed
or reordered entry breaks the chain. Details hold record identifiers, never names or clinical text.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from clinic_app.domain.audit_heads import AuditGap


class AuditKind(StrEnum):
    SET_UP = "set_up"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    SIGN_IN_FAILED = "sign_in_failed"
    LOCKED = "locked"
    REAUTHENTICATED = "reauthenticated"
    HANDED_TO_PATIENT = "handed_to_patient"
    REFUSED = "refused"
    SEARCHED = "searched"
    READ = "read"
    CREATED = "created"
    CHANGED = "changed"
    SIGNED = "signed"
    ESTIMATE_SHOWN = "estimate_shown"
    SAFETY = "safety"
    PRINTED = "printed"
    EXPORTED = "exported"
    CONSENT = "consent"
    IMAGES_REMOVED = "images_removed"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """``number`` counts from 1 without holes; ``mac`` is 64 hexadecimal digits."""

    number: int
    at: datetime
    kind: AuditKind
    by: UUID | None
    subject: str
    subject_id: UUID | None
    detail: str
    mac: str


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """Result of verifying the chain; ``broken_at`` is the first entry that does not fit. ``gaps``
    are what the trails of all workstations lack of what was told of them, this one's first."""

    entries: int
    head: str
    broken_at: int | None = None
    truncated: bool = False
    gaps: tuple[AuditGap, ...] = ()

    @property
    def intact(self) -> bool:
        """Whether this workstation's trail is whole, as far as can be told here."""
        return self.broken_at is None and not self.truncated and self.lacking is None

    @property
    def lacking(self) -> AuditGap | None:
        """A gap of this workstation's own trail to which there is no honest way."""
        return next((one for one in self.gaps if one.own and not one.renewed), None)


def entry_mac(key: bytes, previous: str, entry: AuditEntry) -> str:
    """The mac that ``entry`` must carry after ``previous`` (empty for the first entry)."""
    content = json.dumps(
        [
            entry.number,
            entry.at.isoformat(),
            entry.kind.value,
            str(entry.by or ""),
            entry.subject,
            str(entry.subject_id or ""),
            entry.detail,
            previous,
        ],
        ensure_ascii=True,
        separators=(",", ":"),
    )
    return hmac.new(key, content.encode(), hashlib.sha256).hexdigest()


def verify_chain(
    key: bytes, entries: Iterable[AuditEntry], anchor: tuple[int, str] | None = None
) -> AuditCheck:
    """Check every link; ``anchor`` is a (number, mac) kept outside the log that must be in it."""
    previous, number, anchored = "", 0, anchor is None or anchor[0] == 0
    for entry in entries:
        fits = entry.number == number + 1
        if not fits or not _same(entry.mac, entry_mac(key, previous, entry)):
            return AuditCheck(number, previous, broken_at=number + 1)
        number, previous = entry.number, entry.mac
        if anchor is not None and number == anchor[0]:
            if not _same(previous, anchor[1]):
                return AuditCheck(number, previous, broken_at=number)
            anchored = True
    return AuditCheck(number, previous, truncated=not anchored)


def _same(one: str, other: str) -> bool:
    """Compare macs; an altered one may hold any characters at all."""
    return hmac.compare_digest(
        one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass")
    )

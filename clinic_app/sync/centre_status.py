"""What a centre says of itself, and how its workstations stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from clinic_app.sync.snapshot.standing import SnapshotStanding


@dataclass(frozen=True, slots=True)
class CentreIdentity:
    """What the database says of itself."""

    clinic_id: UUID
    clinic_name: str
    schema: int
    min_schema: int
    root_public_key: bytes


@dataclass(frozen=True, slots=True)
class Standing:
    """One workstation: when it was enrolled, how far its operations go."""

    id: int
    name: str
    account: str
    enrolled_at: datetime
    revoked_at: datetime | None
    operations: int
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class CentreStatus:
    """``bytes`` is what the tables take on disk as the server estimates it. ``snapshot`` is the one
    that new workstations begin from, None where there is none."""

    identity: CentreIdentity
    server: str
    host: str
    operations: int
    bytes: int
    workstations: tuple[Standing, ...]
    snapshot: SnapshotStanding | None

"""What a workstation needs from the central server, and the wire form of what travels.

Implemented over MySQL and MariaDB by ``sync.mysql`` and by a simulated centre in the tests. A call
is one statement and one round trip unless said otherwise, so faults can be put between any two.

Bodies are encrypted before they get here: the server sees who wrote when and how much, never what.
``body`` is ``0x01 | AES-SIV ciphertext`` under the clinic's key, with the header as associated
data: the same operation has the same wire form every time it is made, and a lost acknowledgement
is recognised by its hash. An erased body is ``0xFF | SHA-256 of the body``, which keeps the chain
verifiable without its content.

``hash`` chains the wire forms of one (origin, epoch) from its first operation:
``SHA-256(previous | header with origin | SHA-256(body))``. ``signature`` is the origin's Ed25519
signature of that hash under a fixed context; every batch ends with a signed operation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from clinic_app.domain.errors import ClinicError
from clinic_app.services.sync_data import CentreBusy as CentreBusy
from clinic_app.services.sync_data import CentreFull as CentreFull
from clinic_app.services.sync_data import CentreRefused as CentreRefused
from clinic_app.services.sync_data import CentreUnreachable as CentreUnreachable
from clinic_app.services.sync_data import CentreUntrusted as CentreUntrusted
from clinic_app.services.sync_data import ClockWrong as ClockWrong
from clinic_app.services.sync_data import OperationsForged as OperationsForged
from clinic_app.services.sync_data import StoreDiverged as StoreDiverged
from clinic_app.services.sync_data import SyncStopped as SyncStopped
from clinic_app.services.sync_data import SyncTrouble as SyncTrouble
from clinic_app.services.sync_data import VersionTooOld as VersionTooOld
from clinic_app.services.sync_data import WorkstationRevoked as WorkstationRevoked

BATCH_OPERATIONS = 500
BATCH_BYTES = 1_000_000
"""A push is one statement with at most this many operations and about this many bytes of bodies."""

PAGE_OPERATIONS = 1_000
PAGE_BYTES = 4_000_000
"""A pull page has at most this many operations and ends with the one that passes this many bytes of
bodies: at least a whole batch, so there is always a signed operation in it."""

BLOB_PART_BYTES = 1_000_000

CLOCK_WARN_SECONDS = 120
CLOCK_STAMP_SECONDS = 900
"""From here on new stamps follow the server's time instead of the laptop's."""


class SnapshotUnusable(ClinicError):
    """An honest snapshot that does not fit here: its version, the centre's log, the disk. The log
    is read instead."""


class AlreadyThere(Exception):
    """A pushed key exists already (server error 1062): read the head back and compare hashes."""


@dataclass(frozen=True, slots=True)
class WireOperation:
    """One operation as it stands on the server. ``received_at`` (UTC) is the server's word and
    None before it was pushed."""

    origin: int
    epoch: int
    seq: int
    hlc: int
    schema_version: int
    entity: int
    entity_id: UUID
    body: bytes = field(repr=False)
    hash: bytes
    signature: bytes | None = None
    received_at: datetime | None = None


class Head(NamedTuple):
    """The newest operation of one sequence on the server."""

    origin: int
    epoch: int
    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A workstation as the centre knows it. After revocation nothing beyond
    ``(revoked_epoch, revoked_seq)`` of it counts, on any replica."""

    id: int
    name: str
    account: str
    public_key: bytes
    revoked_epoch: int | None = None
    revoked_seq: int | None = None


@dataclass(frozen=True, slots=True)
class CentreFacts:
    """Read at the start of every round, in one round trip. ``server_time`` is UTC."""

    clinic_id: UUID
    schema: int
    min_schema: int
    server_time: datetime
    workstations: tuple[Enrolled, ...]


@dataclass(frozen=True, slots=True)
class SnapshotHead:
    """A folded state of the whole log up to some vector of heads: what the clinic's root key has
    signed about it (see ``sync.snapshot.manifest``)."""

    id: int
    manifest: bytes = field(repr=False)
    signature: bytes


class Centre(Protocol):
    """An open, verified, encrypted connection to the central database."""

    def facts(self) -> CentreFacts: ...

    def heads(self) -> tuple[Head, ...]:
        """The newest operation of every sequence."""

    def fetch(
        self, origin: int, epoch: int, after: int, limit: int = PAGE_OPERATIONS
    ) -> tuple[WireOperation, ...]:
        """Operations ``seq > after`` in order of ``seq``, until about ``PAGE_BYTES`` of bodies; the
        caller stops at the first hole."""

    def received(
        self, origin: int, epoch: int, after: int, until: int
    ) -> tuple[tuple[int, datetime], ...]:
        """(seq, received_at) of ``after < seq <= until``: when the server took our own ones."""

    def push(self, operations: Sequence[WireOperation]) -> None:
        """Add a batch as one atomic statement: all of it or nothing.

        Raises ``AlreadyThere``, ``WorkstationRevoked``, ``VersionTooOld``, or another
        ``SyncTrouble``. After ``CentreUnreachable`` its fate is unknown: read the head back.
        """

    def missing_blob_parts(self, sha256: bytes, parts: int) -> tuple[int, ...]:
        """Which parts 0..parts-1 of a blob the server lacks."""

    def put_blob_part(self, sha256: bytes, part: int, content: bytes) -> None:
        """Add a part (at most ``BLOB_PART_BYTES``); a part that is there already is kept."""

    def blob_part(self, sha256: bytes, part: int) -> bytes | None: ...

    def newest_snapshot(self) -> SnapshotHead | None: ...

    def snapshot_part(self, snapshot: int, part: int) -> bytes | None:
        """A part; None once a newer snapshot has taken the place of this one."""

    def close(self) -> None: ...


class Dial(Protocol):
    """Opens a connection: tries the hosts of the enrolment in turn, the last good one first."""

    def __call__(self) -> Centre:
        """Raises ``CentreUnreachable``, ``CentreRefused``, ``CentreUntrusted``."""

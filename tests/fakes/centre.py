"""A central server in memory that keeps the rules of the real one, with faults where a test wants.

``cut`` is asked before and after every statement and may raise; what a statement has done by then
stays, as on a server whose answer is lost.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clinic_app.sync.centre import (
    BATCH_OPERATIONS,
    BLOB_PART_BYTES,
    PAGE_BYTES,
    PAGE_OPERATIONS,
    AlreadyThere,
    CentreFacts,
    Enrolled,
    Head,
    SnapshotHead,
    VersionTooOld,
    WireOperation,
    WorkstationRevoked,
)
from clinic_app.sync.keys import RootKey
from clinic_app.sync.member import Membership
from clinic_app.sync.wire import ClinicCipher

CLINIC = UUID("01890000-0000-7000-8000-00000000c11c")
CLINIC_KEY = bytes(range(32))
ROOT = RootKey(bytes(range(1, 33)))
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

Cut = Callable[[str], None]


def uncut(place: str) -> None:
    """A line that holds."""


@dataclass
class Log:
    """What a server has on disk; copied for its backups."""

    rows: dict[tuple[int, int, int], WireOperation] = field(default_factory=dict)
    workstations: dict[int, Enrolled] = field(default_factory=dict)
    blobs: dict[tuple[bytes, int], bytes] = field(default_factory=dict)
    snapshot: SnapshotHead | None = None
    snapshot_parts: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def copy(self) -> Log:
        return Log(
            dict(self.rows),
            dict(self.workstations),
            dict(self.blobs),
            self.snapshot,
            dict(self.snapshot_parts),
        )


class FakeCentre:
    """The server. ``now`` moves on by itself, a little with every statement."""

    def __init__(self) -> None:
        self.log = Log()
        self.min_schema = 1
        self.now = START
        self.backups: list[Log] = []
        self.keys: dict[int, Ed25519PrivateKey] = {}
        self.received: set[tuple[int, int, int, bytes]] = set()
        self.statements: list[str] = []
        self.longest_page = 0

    def enrol(self, name: str) -> Membership:
        """A new workstation; everything it needs to join."""
        number = len(self.keys) + 1
        seed = uuid5(CLINIC, name).bytes * 2
        key = self.keys[number] = Ed25519PrivateKey.from_private_bytes(seed)
        public = key.public_key().public_bytes_raw()
        self.log.workstations[number] = Enrolled(number, name, f"ws_{number}", public)
        return Membership(
            CLINIC,
            number,
            name,
            ("centre.example",),
            ClinicCipher(CLINIC_KEY),
            key,
            self.dial(number),
            ROOT.public,
        )

    def dial(self, origin: int, cut: Cut = uncut) -> Callable[[], Line]:
        return lambda: Line(self, origin, cut)

    def revoke(self, origin: int, epoch: int, seq: int) -> None:
        """Let nothing of a workstation count beyond this operation."""
        known = self.log.workstations[origin]
        self.log.workstations[origin] = replace(known, revoked_epoch=epoch, revoked_seq=seq)

    def keep_snapshot(self, head: SnapshotHead, parts: Iterable[bytes]) -> None:
        """As the administrator's tool does, in the place of the former one."""
        self.log.snapshot = head
        self.log.snapshot_parts = {
            (head.id, number): content for number, content in enumerate(parts)
        }

    def back_up(self) -> None:
        self.backups.append(self.log.copy())

    def restore(self, number: int) -> None:
        """Put an older state back, but for the accounts, which are looked after elsewhere."""
        workstations = self.log.workstations
        self.log = self.backups[number].copy()
        self.log.workstations = workstations

    def pass_time(self, **span: float) -> None:
        self.now += timedelta(**span)

    def sequences(self) -> dict[tuple[int, int], list[int]]:
        found: dict[tuple[int, int], list[int]] = {}
        for origin, epoch, seq in sorted(self.log.rows):
            found.setdefault((origin, epoch), []).append(seq)
        return found


class Line:
    """Implements ``Centre`` for one account."""

    def __init__(self, centre: FakeCentre, origin: int, cut: Cut = uncut) -> None:
        self._centre = centre
        self._origin = origin
        self._cut = cut

    def facts(self) -> CentreFacts:
        self._before("facts")
        centre = self._centre
        found = CentreFacts(
            CLINIC, 1, centre.min_schema, centre.now, tuple(centre.log.workstations.values())
        )
        self._cut("after facts")
        return found

    def heads(self) -> tuple[Head, ...]:
        self._before("heads")
        newest: dict[tuple[int, int], Head] = {}
        for (origin, epoch, seq), row in sorted(self._centre.log.rows.items()):
            newest[origin, epoch] = Head(origin, epoch, seq, row.hash)
        self._cut("after heads")
        return tuple(newest.values())

    def fetch(
        self, origin: int, epoch: int, after: int, limit: int = PAGE_OPERATIONS
    ) -> tuple[WireOperation, ...]:
        self._before("fetch")
        rows = self._centre.log.rows
        found = []
        size = 0
        for seq in itertools.count(after + 1):
            row = rows.get((origin, epoch, seq))
            if row is None or len(found) == limit or size >= PAGE_BYTES:
                break
            found.append(row)
            size += len(row.body)
        self._centre.longest_page = max(self._centre.longest_page, size)
        self._cut("after fetch")
        return tuple(found)

    def received(
        self, origin: int, epoch: int, after: int, until: int
    ) -> tuple[tuple[int, datetime], ...]:
        self._before("received")
        rows = self._centre.log.rows
        found = [(seq, rows[origin, epoch, seq].received_at) for seq in range(after + 1, until + 1)]
        self._cut("after received")
        return tuple((seq, at) for seq, at in found if at is not None)

    def push(self, operations: Sequence[WireOperation]) -> None:
        self._before("push")
        centre = self._centre
        assert 0 < len(operations) <= BATCH_OPERATIONS
        assert operations[-1].signature is not None
        if centre.log.workstations[self._origin].revoked_seq is not None:
            raise WorkstationRevoked("The central server takes nothing from this workstation.")
        for one in operations:
            assert one.origin == self._origin, "an account writes in its own name"
            if one.schema_version < centre.min_schema:
                raise VersionTooOld("The central server asks for a newer program.")
            if (one.origin, one.epoch, one.seq) in centre.log.rows:
                raise AlreadyThere
        for one in operations:
            key = one.origin, one.epoch, one.seq
            centre.log.rows[key] = replace(one, received_at=centre.now)
            centre.received.add((*key, one.hash))
        self._cut("after push")

    def missing_blob_parts(self, sha256: bytes, parts: int) -> tuple[int, ...]:
        self._before("missing_blob_parts")
        blobs = self._centre.log.blobs
        found = tuple(part for part in range(parts) if (sha256, part) not in blobs)
        self._cut("after missing_blob_parts")
        return found

    def put_blob_part(self, sha256: bytes, part: int, content: bytes) -> None:
        self._before("put_blob_part")
        assert len(content) <= BLOB_PART_BYTES
        self._centre.log.blobs.setdefault((sha256, part), content)
        self._cut("after put_blob_part")

    def blob_part(self, sha256: bytes, part: int) -> bytes | None:
        self._before("blob_part")
        found = self._centre.log.blobs.get((sha256, part))
        self._cut("after blob_part")
        return found

    def newest_snapshot(self) -> SnapshotHead | None:
        self._before("newest_snapshot")
        found = self._centre.log.snapshot
        self._cut("after newest_snapshot")
        return found

    def snapshot_part(self, snapshot: int, part: int) -> bytes | None:
        self._before("snapshot_part")
        found = self._centre.log.snapshot_parts.get((snapshot, part))
        self._cut("after snapshot_part")
        return found

    def close(self) -> None:
        """Nothing is held."""

    def _before(self, place: str) -> None:
        self._cut(f"before {place}")
        self._centre.statements.append(place)
        self._centre.pass_time(milliseconds=7)

"""``Centre`` over one connection: each method is one statement and one round trip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from clinic_app.sync.centre import (
    PAGE_BYTES,
    PAGE_OPERATIONS,
    AlreadyThere,
    CentreFacts,
    CentreFull,
    CentreRefused,
    CentreUnreachable,
    CentreUntrusted,
    Enrolled,
    Head,
    OperationsForged,
    SnapshotHead,
    VersionTooOld,
    WireOperation,
    WorkstationRevoked,
)
from clinic_app.sync.keys import certificate_message, is_signed
from clinic_app.sync.mysql.connection import CheckFailed, Connection, Row
from clinic_app.sync.mysql.trouble import REVOKED

_COLUMNS = "origin, epoch, seq, hlc, schema_v, entity, entity_id, body, hash, signature, recv_at"
_PUSHED = _COLUMNS.removesuffix(", recv_at")  # when it was received is for the server to say
_VALUES = f"({', '.join(['%s'] * len(_PUSHED.split(', ')))})"
_PAGE = f"""SELECT {", ".join(f"o.{name}" for name in _COLUMNS.split(", "))} FROM
    (SELECT s.seq, SUM(s.size) OVER (ORDER BY s.seq) - s.size AS bytes_before FROM
        (SELECT seq, OCTET_LENGTH(body) AS size FROM ops
            WHERE origin = %s AND epoch = %s AND seq > %s ORDER BY seq LIMIT %s) s) p
    STRAIGHT_JOIN ops o ON o.origin = %s AND o.epoch = %s AND o.seq = p.seq
    WHERE p.bytes_before < %s ORDER BY p.seq"""
"""Lengths are summed up over one page's operations, never over the rest of the sequence, and a body
is only read when it fits."""

_IDENTIFIER_BYTES = 16

_OVERHEAD = 400
"""Bytes of a statement that each operation takes beside its body."""

NEWEST_SNAPSHOT = (
    "SELECT id, heads, signature FROM snapshot WHERE origin = 0 ORDER BY id DESC LIMIT 1"
)
"""``heads`` is what the root key has signed; the row is added after the last part."""

TOO_OLD = "The centre asks for a newer version of this program. Please update it, then sync again."


class MysqlCentre:
    """Implements ``Centre`` for the workstation ``origin``.

    ``root_public_key`` checks the workstations' certificates, so that nobody at the server can
    enrol one unseen. ``read_only`` is told when the server takes no changes.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        origin: int,
        root_public_key: bytes,
        read_only: Callable[[], None] = lambda: None,
    ) -> None:
        self._connection = connection
        self._origin = origin
        self._root_public_key = root_public_key
        self._read_only = read_only
        self._certified: set[tuple[int, bytes]] = set()
        self._packet = 1 << 24
        self._schema_version: int | None = None

    # --- facts and operations ---------------------------------------------------------------

    def facts(self) -> CentreFacts:
        rows = self._connection.rows(
            "SELECT m.clinic_id, m.schema_v, m.min_schema, UTC_TIMESTAMP(6),"
            " @@max_allowed_packet, m.root_public_key, w.id, w.name, w.account, w.public_key,"
            " w.certificate, w.revoked_at, w.revoked_epoch, w.revoked_seq"
            " FROM meta m LEFT JOIN workstation w ON w.id > 0 WHERE m.one = 1 ORDER BY w.id"
        )
        if not rows:
            raise CentreRefused("The clinic's database is missing or incomplete on this server.")
        clinic, schema, minimum, now, packet, root = _told(rows[0][:6], _FACTS)
        if root != self._root_public_key:
            raise CentreUntrusted("This database belongs to another clinic.")
        self._packet = packet
        clinic_id = _identifier(clinic)
        return CentreFacts(
            clinic_id,
            schema,
            minimum,
            now,
            tuple(self._enrolled(clinic_id, row[6:]) for row in rows if row[6] is not None),
        )

    def _enrolled(self, clinic_id: UUID, row: Row) -> Enrolled:
        number, name, account, public_key, certificate, revoked_at, epoch, seq = _told(
            row, _WORKSTATION
        )
        if revoked_at is not None and epoch is None:
            epoch, seq = 0, 0
        one = Enrolled(number, name, account, public_key, epoch, seq)
        if (number, certificate) not in self._certified:
            message = certificate_message(clinic_id, one)
            if not is_signed(self._root_public_key, certificate, message):
                raise OperationsForged(
                    "Workstation {number} at the centre was not enrolled with the clinic's root"
                    " key. Please tell who looks after the server.",
                    number=number,
                )
            self._certified.add((number, certificate))
        return one

    def heads(self) -> tuple[Head, ...]:
        return tuple(
            Head(*_told(row, _HEAD))
            for row in self._connection.rows(
                "SELECT o.origin, o.epoch, o.seq, o.hash FROM ops o JOIN"
                " (SELECT origin, epoch, MAX(seq) AS seq FROM ops GROUP BY origin, epoch) h"
                " ON h.origin = o.origin AND h.epoch = o.epoch AND h.seq = o.seq"
            )
        )

    def fetch(
        self, origin: int, epoch: int, after: int, limit: int = PAGE_OPERATIONS
    ) -> tuple[WireOperation, ...]:
        place = (origin, epoch)
        rows = self._connection.rows(_PAGE, (*place, after, limit, *place, PAGE_BYTES))
        return tuple(_operation(row) for row in rows)

    def received(
        self, origin: int, epoch: int, after: int, until: int
    ) -> tuple[tuple[int, datetime], ...]:
        rows = self._connection.rows(
            "SELECT seq, recv_at FROM ops WHERE origin = %s AND epoch = %s"
            " AND seq > %s AND seq <= %s ORDER BY seq",
            (origin, epoch, after, until),
        )
        return tuple((seq, moment) for seq, moment in (_told(row, _TIME) for row in rows))

    def push(self, operations: Sequence[WireOperation]) -> None:
        if not operations:
            return
        values: list[Any] = []
        size = 0
        for one in operations:
            size += 2 * len(one.body) + _OVERHEAD  # escaped, a byte takes two at the worst
            values += (one.origin, one.epoch, one.seq, one.hlc, one.schema_version, one.entity)
            values += (one.entity_id.bytes, one.body, one.hash, one.signature)
        rows = ", ".join([_VALUES] * len(operations))
        version = min(one.schema_version for one in operations)
        self._add(f"INSERT INTO ops_push ({_PUSHED}) VALUES {rows}", values, size, version)

    # --- blobs and snapshots ----------------------------------------------------------------

    def missing_blob_parts(self, sha256: bytes, parts: int) -> tuple[int, ...]:
        rows = self._connection.rows("SELECT part FROM blob_part WHERE sha256 = %s", (sha256,))
        there = {part for (part,) in (_told(row, (int,)) for row in rows)}
        return tuple(part for part in range(parts) if part not in there)

    def put_blob_part(self, sha256: bytes, part: int, content: bytes) -> None:
        with suppress(AlreadyThere):
            self._add(
                "INSERT INTO blob_push (sha256, part, origin, content) VALUES (%s, %s, %s, %s)",
                (sha256, part, self._origin, content),
                2 * len(content),
            )

    def blob_part(self, sha256: bytes, part: int) -> bytes | None:
        row = self._connection.row(
            "SELECT content FROM blob_part WHERE sha256 = %s AND part = %s", (sha256, part)
        )
        return None if row is None else _told(row, (bytes,))[0]

    def newest_snapshot(self) -> SnapshotHead | None:
        row = self._connection.row(NEWEST_SNAPSHOT)
        return None if row is None else SnapshotHead(*_told(row, (int, bytes, bytes)))

    def snapshot_part(self, snapshot: int, part: int) -> bytes | None:
        row = self._connection.row(
            "SELECT content FROM snapshot_part WHERE snapshot = %s AND part = %s",
            (snapshot, part),
        )
        return None if row is None else _told(row, (bytes,))[0]

    def close(self) -> None:
        self._connection.close()

    # --- adding -----------------------------------------------------------------------------

    def _add(
        self, statement: str, values: Sequence[Any], size: int, version: int | None = None
    ) -> None:
        if size > self._packet:
            raise CentreRefused(
                "A record of {size} MB is larger than the central server takes ({limit} MB a"
                " statement).",
                size=size // 2000000,
                limit=self._packet // 1000000,
            )
        try:
            self._connection.run(statement, values)
        except CheckFailed:
            raise self._why_refused(version) from None
        except CentreFull:
            self._read_only()
            raise

    def _why_refused(
        self, version: int | None
    ) -> WorkstationRevoked | VersionTooOld | CentreRefused:
        row = self._connection.row(
            "SELECT m.min_schema, w.revoked_at FROM meta m LEFT JOIN workstation w"
            " ON w.account = SUBSTRING_INDEX(USER(), '@', 1) WHERE m.one = 1"
        )
        minimum, revoked_at = (0, None) if row is None else row
        if revoked_at is not None:
            return WorkstationRevoked(REVOKED)
        if version is not None and version < minimum:
            return VersionTooOld(TOO_OLD)
        return CentreRefused("The centre does not take these changes from this workstation.")


_FACTS = (bytes, int, int, datetime, int, bytes)
_WORKSTATION = (int, str, str, bytes, bytes, datetime | None, int | None, int | None)
_HEAD = (int, int, int, bytes)
_TIME = (int, datetime)
_OPERATION = (*(int,) * 6, bytes, bytes, bytes, bytes | None, datetime | None)


def _told(row: Row, kinds: Sequence[Any]) -> Row:
    """The row, if its values are of these kinds: a server may answer anything."""
    if len(row) != len(kinds) or not all(map(isinstance, row, kinds)):
        raise _nonsense()
    return row


def _identifier(told: bytes) -> UUID:
    if len(told) != _IDENTIFIER_BYTES:
        raise _nonsense()
    return UUID(bytes=told)


def _nonsense() -> CentreUnreachable:
    return CentreUnreachable("The central server's answer cannot be read.")


def _operation(row: Row) -> WireOperation:
    origin, epoch, seq, hlc, version, entity, entity_id, body, digest, signature, received = _told(
        row, _OPERATION
    )
    return WireOperation(
        origin,
        epoch,
        seq,
        hlc,
        version,
        entity,
        _identifier(entity_id),
        body,
        digest,
        signature,
        received,
    )

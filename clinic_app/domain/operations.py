"""Operations: every change of a travelling record, as it stands in the append-only log.

One (origin, epoch) is one workstation's gap-free sequence from 1. ``hash`` chains an operation to
the one before it. It leaves ``origin`` out: a store that joins a centre only gets its number then,
and its history stays valid.

The screens' rows are a fold of the operations: per field the newest stamp wins, whatever the order
in which operations arrive. A *final* operation (a note's signature) carries the whole record and
freezes it.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NamedTuple
from uuid import UUID

SCHEMA_VERSION = 1
"""Version of the operations' bodies that this program writes."""

UNJOINED_ORIGIN = 0
"""Origin of a store that has not joined a centre."""

COMPRESS_FROM = 256
"""Bodies shorter than this many bytes are not worth compressing."""

BODY_LIMIT = 32 * 1024 * 1024
"""Longest body in bytes, unpacked; longer ones are refused as hostile."""

_HEADER = struct.Struct(">QQQHB16s")


class EntityKind(IntEnum):
    """What an operation is about; numbers are stored and never reused."""

    CLINIC = 1
    USER = 2
    PATIENT = 3
    CONSENT = 4
    SCREENING = 5
    SAFETY = 6
    NOTE = 7
    APPOINTMENT = 8
    AVAILABILITY = 9
    ABSENCE = 10
    TASK = 11
    INTERVENTION = 12
    REVIEW = 13
    HANDOVER = 14
    SERVICE_RATING = 15
    RESULT_AGREEMENT = 16
    INCIDENT = 17
    PATIENT_MERGE = 18
    ISSUED_REPORT = 19
    ERASURE = 20


class Stamp(NamedTuple):
    """Orders all changes of one field on every replica alike."""

    hlc: int
    origin: int
    epoch: int
    seq: int


@dataclass(frozen=True, slots=True)
class Operation:
    """One change. ``body`` is canonical JSON of the changed fields, perhaps zlib-packed."""

    origin: int
    epoch: int
    seq: int
    hlc: int
    schema_version: int
    entity: int
    entity_id: UUID
    body: bytes
    hash: bytes

    @property
    def stamp(self) -> Stamp:
        return Stamp(self.hlc, self.origin, self.epoch, self.seq)


def chained(
    *,
    origin: int,
    epoch: int,
    seq: int,
    hlc: int,
    entity: int,
    entity_id: UUID,
    body: bytes,
    previous: bytes,
) -> Operation:
    """The operation that follows the one whose hash is ``previous`` (empty for the first)."""
    bare = Operation(origin, epoch, seq, hlc, SCHEMA_VERSION, entity, entity_id, body, b"")
    return Operation(
        origin, epoch, seq, hlc, SCHEMA_VERSION, entity, entity_id, body, link_hash(previous, bare)
    )


def link_hash(previous: bytes, operation: Operation) -> bytes:
    """SHA-256 (32 bytes) over the hash before, the header without ``origin``, and the body."""
    header = _HEADER.pack(
        operation.epoch,
        operation.seq,
        operation.hlc,
        operation.schema_version,
        operation.entity,
        operation.entity_id.bytes,
    )
    return hashlib.sha256(previous + header + operation.body).digest()


def first_break(operations: Iterable[Operation], previous: bytes = b"", seq: int = 0) -> int | None:
    """The sequence number at which one origin's chain breaks, or ``None`` when it holds."""
    for operation in operations:
        seq += 1
        if operation.seq != seq or operation.hash != link_hash(previous, operation):
            return seq
        previous = operation.hash
    return None


def encode_fields(fields: Mapping[str, Any]) -> bytes:
    """Canonical JSON in UTF-8: sorted keys, no spaces, no NaN; the same bytes everywhere."""
    return json.dumps(
        fields, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    ).encode()


def pack(body: bytes) -> bytes:
    """The body as it stands in the log: zlib where that is shorter (a body starts with ``{``)."""
    if len(body) < COMPRESS_FROM:
        return body
    packed = zlib.compress(body, 6)
    return packed if len(packed) < len(body) else body


def decode_fields(body: bytes) -> dict[str, Any]:
    """The fields in a body; raises ``ValueError`` when it is malformed or too long."""
    if not body.startswith(b"{"):
        unpacker = zlib.decompressobj()
        try:
            body = unpacker.decompress(body, BODY_LIMIT)
        except zlib.error as error:
            raise ValueError("The body of an operation cannot be unpacked.") from error
        if not unpacker.eof:
            raise ValueError("The body of an operation is cut off or too long.")
    fields = json.loads(body)
    if not isinstance(fields, dict):
        raise ValueError("The body of an operation is not an object.")
    return fields


@dataclass(frozen=True, slots=True)
class FieldState:
    """The newest value and stamp of each field of one record."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    stamps: Mapping[str, Stamp] = field(default_factory=dict)


def merge(
    state: FieldState, stamp: Stamp, fields: Mapping[str, Any], *, frozen: bool, final: bool
) -> FieldState:
    """``state`` after one more operation.

    Fields that are newer there stay. A ``frozen`` state stays as it is; a ``final`` operation
    replaces everything, also what is stamped later.
    """
    if frozen:
        return state
    if final:
        return FieldState(dict(fields), dict.fromkeys(fields, stamp))
    newer = {
        name: value
        for name, value in fields.items()
        if name not in state.stamps or state.stamps[name] < stamp
    }
    if not newer:
        return state
    return FieldState({**state.fields, **newer}, {**state.stamps, **dict.fromkeys(newer, stamp)})

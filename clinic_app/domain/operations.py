"""Operations: every change of a travelling record, as it stands in the append-only log.

One (origin, epoch) is one workstation's gap-free sequence from 1. ``hash`` chains an operation to
the one before it. It leaves ``origin`` out: a store that joins a centre only gets its number then,
and its history stays valid.

The screens' rows are a fold of the operations (``domain.versions``): per field the newest stamp
wins, whatever the order in which operations arrive. Of a wrong clock, a stamp keeps at most
``AHEAD_MS``: what the centre received at some moment counts as made at most that much later.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any, NamedTuple
from uuid import UUID

from clinic_app.domain.clock import COUNTER_BITS, unix_ms

SCHEMA_VERSION = 1
"""Version of the operations' bodies that this program writes."""

UNJOINED_ORIGIN = 0
"""Origin of a store that has not joined a centre."""

COMPRESS_FROM = 256
"""Bodies shorter than this many bytes are not worth compressing."""

BODY_LIMIT = 32 * 1024 * 1024
"""Longest body in bytes, unpacked; longer ones are refused as hostile."""

AHEAD_MS = 5 * 60 * 1000
"""How far a stamp may be ahead of the moment at which the centre received its operation."""

ERASED = b"\xff"
"""First byte of a body whose content was erased; the SHA-256 of what was sent follows it."""

ERASED_BYTES = 33

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
    SETTLED = 21
    BLANKING = 22
    SHARED_IMAGE = 23
    ADJUDICATION = 26
    LOCAL_HEAD = 27
    HEAD_EVENT = 28
    LEARNING_KEY = 29
    AUDIT_HEAD = 33
    LOOK_EVENT = 35
    SITE_EVENT = 36


class Stamp(NamedTuple):
    """Orders all changes of one field on every replica alike."""

    hlc: int
    origin: int
    epoch: int
    seq: int


def effective(hlc: int, received_at: datetime | None) -> int:
    """The stamp that counts: ``hlc``, but at most ``AHEAD_MS`` after the centre received it.

    Worked out from stored data alone, so every replica comes to the same.
    """
    if received_at is None:
        return hlc
    return min(hlc, (unix_ms(received_at) + AHEAD_MS) << COUNTER_BITS)


@dataclass(frozen=True, slots=True)
class Operation:
    """One change. ``body`` is canonical JSON of the changed fields, perhaps zlib-packed, or what
    an erasure left of it. ``received_at`` is the centre's word, None before it was pushed."""

    origin: int
    epoch: int
    seq: int
    hlc: int
    schema_version: int
    entity: int
    entity_id: UUID
    body: bytes
    hash: bytes
    received_at: datetime | None = None

    @property
    def stamp(self) -> Stamp:
        return Stamp(effective(self.hlc, self.received_at), self.origin, self.epoch, self.seq)

    @property
    def erased(self) -> bool:
        return is_erased(self.body)


def is_erased(body: bytes) -> bool:
    """Whether only the mark of an erasure is left of this body."""
    return len(body) == ERASED_BYTES and body.startswith(ERASED)


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
    """The sequence number at which one origin's chain breaks, or ``None`` when it holds.

    Of an erased operation nothing but its stored hash is left to go on from.
    """
    for operation in operations:
        seq += 1
        if operation.seq != seq:
            return seq
        if not operation.erased and operation.hash != link_hash(previous, operation):
            return seq
        previous = operation.hash
    return None


_WRITER = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
)


def encode_fields(fields: Mapping[str, Any]) -> bytes:
    """Canonical JSON in UTF-8: sorted keys, no spaces, no NaN; the same bytes everywhere."""
    return _WRITER.encode(fields).encode()


def pack(body: bytes) -> bytes:
    """The body as it stands in the log: zlib where that is shorter (a body starts with ``{``)."""
    if len(body) < COMPRESS_FROM:
        return body
    packed = zlib.compress(body, 6)
    return packed if len(packed) < len(body) else body


def _refused(name: str) -> None:
    raise ValueError(f"{name} is not a number.")


_READER = json.JSONDecoder(parse_constant=_refused)


def unpack(body: bytes) -> bytes:
    """A body as JSON; raises ``ValueError`` when it cannot be unpacked or is too long."""
    if body.startswith(b"{"):
        return body
    unpacker = zlib.decompressobj()
    try:
        unpacked = unpacker.decompress(body, BODY_LIMIT)
    except zlib.error as error:
        raise ValueError("The body of an operation cannot be unpacked.") from error
    if not unpacker.eof:
        raise ValueError("The body of an operation is cut off or too long.")
    return unpacked


def decode_fields(body: bytes) -> dict[str, Any]:
    """The fields in a body; raises ``ValueError`` when it is malformed or too long."""
    body = unpack(body)
    fields = _READER.decode(body.decode())
    if not isinstance(fields, dict):
        raise ValueError("The body of an operation is not an object.")
    if b"\\u" in body:
        encode_fields(fields)  # half a surrogate pair is no text, and no database keeps it
    return fields

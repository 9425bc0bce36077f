"""Operations as they travel: encrypted, chained and signed (see ``sync.centre`` for the form).

Encryption is deterministic: AES-SIV (RFC 5297) under a key derived from the clinic's, with the
whole header as associated data. The same operation has the same wire form on every workstation and
at every try, so a lost acknowledgement, a clone and a restored server are all told by comparing
hashes. Two operations that claim one number differ in their synthetic initialisation vector, so a
cloned store never encrypts two texts under one nonce.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Sequence
from dataclasses import replace

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from clinic_app.domain.operations import ERASED, Operation, is_erased
from clinic_app.sync.centre import (
    BATCH_BYTES,
    BATCH_OPERATIONS,
    OperationsForged,
    WireOperation,
)

FORM = b"\x01"
"""First byte of an encrypted body."""

GREATEST = (1 << 62) - 1
"""Greatest stamp and epoch that is taken from anybody. A store has room for twice as much: whoever
goes on from the greatest, as every clock and a restored backup do, must still find a number."""

_HEADER = struct.Struct(">HQIQHB16s")
_BATCH_END = b"clinic-app end of batch 1\0"
_SIV_BYTES = 64
_KEY_BYTES = 32
_FORGED = (
    "Changes that carry the name of “{name}” were not made there, or were altered. They were not"
    " taken over; please tell whoever looks after the central server."
)


class ClinicCipher:
    """Encrypts bodies and images under keys derived from the clinic key (32 bytes).

    Attributes:
        snapshot_key: opens the files of snapshots, 32 bytes.
    """

    def __init__(self, clinic_key: bytes) -> None:
        self._bodies = _siv(clinic_key, b"clinic-app operations 1")
        self._images = _siv(clinic_key, b"clinic-app images 1")
        self.snapshot_key = _derived(clinic_key, b"clinic-app snapshots 1", _KEY_BYTES)

    def seal(self, operation: Operation) -> bytes:
        """The body of an operation as it is sent; of an erased one the mark stays."""
        if operation.erased:
            return operation.body
        return FORM + self._bodies.encrypt(operation.body, [_header(operation)])

    def mark(self, operation: Operation) -> bytes:
        """What is left of a body when it is erased: the hash that keeps the chain whole."""
        return ERASED + hashlib.sha256(self.seal(operation)).digest()

    def open(self, wire: WireOperation) -> Operation:
        """The operation, not chained yet; raises ``OperationsForged`` when it cannot be opened."""
        body = wire.body if is_erased(wire.body) else self._opened(wire)
        return Operation(
            wire.origin,
            wire.epoch,
            wire.seq,
            wire.hlc,
            wire.schema_version,
            wire.entity,
            wire.entity_id,
            body,
            b"",
            wire.received_at,
        )

    def _opened(self, wire: WireOperation) -> bytes:
        try:
            if not wire.body.startswith(FORM):
                raise ValueError("another form")
            return self._bodies.decrypt(wire.body[len(FORM) :], [_header(wire)])
        except (InvalidTag, ValueError) as error:
            raise forged(str(wire.origin)) from error

    def seal_image(self, content: bytes, screening: bytes) -> bytes:
        """An image blob; the same bytes each time, so that it can be named by its hash."""
        return FORM + self._images.encrypt(content, [screening])

    def open_image(self, blob: bytes, screening: bytes) -> bytes:
        """Raises ``OperationsForged``."""
        try:
            return self._images.decrypt(blob[len(FORM) :], [screening])
        except (InvalidTag, ValueError) as error:
            raise forged("an image") from error


def sealed(
    operations: Iterable[Operation], previous: bytes, cipher: ClinicCipher
) -> list[WireOperation]:
    """These operations of one sequence as they travel, after the one hashed ``previous``."""
    made = []
    for one in operations:
        body = cipher.seal(one)
        previous = chain_hash(previous, one, body)
        made.append(
            WireOperation(
                one.origin,
                one.epoch,
                one.seq,
                one.hlc,
                one.schema_version,
                one.entity,
                one.entity_id,
                body,
                previous,
            )
        )
    return made


def signed_batch(
    operations: Sequence[WireOperation], key: Ed25519PrivateKey
) -> list[WireOperation]:
    """The first operations that fit in one push, the last of them signed."""
    size = 0
    batch: list[WireOperation] = []
    for one in operations[:BATCH_OPERATIONS]:
        size += len(one.body)
        if batch and size > BATCH_BYTES:
            break
        batch.append(one)
    signature = key.sign(_BATCH_END + batch[-1].hash)
    return [*batch[:-1], replace(batch[-1], signature=signature)]


def checked(
    page: Sequence[WireOperation], after: int, previous: bytes, public_key: bytes, name: str
) -> list[WireOperation]:
    """The part of a page that its workstation's chain and signature vouch for.

    Stops at the first hole and after the last signature. Raises ``OperationsForged`` when a hash or
    a signature does not fit; ``previous`` is the hash of the operation numbered ``after``.
    """
    vouched = 0
    key = Ed25519PublicKey.from_public_bytes(public_key)
    for place, one in enumerate(page, 1):
        if one.seq != after + place:
            break
        if max(one.epoch, one.hlc) > GREATEST:  # no honest program writes such a number
            raise forged(name)
        try:
            previous = chain_hash(previous, one, one.body)
        except struct.error as error:  # a server may name numbers that no header holds
            raise forged(name) from error
        if one.hash != previous:
            raise forged(name)
        if one.signature is not None:
            try:
                key.verify(one.signature, _BATCH_END + one.hash)
            except InvalidSignature as error:
                raise forged(name) from error
            vouched = place
    return list(page[:vouched])


def chain_hash(previous: bytes, operation: Operation | WireOperation, body: bytes) -> bytes:
    """SHA-256 over the hash before, the header with ``origin``, and the hash of the sent body."""
    digest = body[1:] if is_erased(body) else hashlib.sha256(body).digest()
    return hashlib.sha256(previous + _header(operation) + digest).digest()


def forged(name: str) -> OperationsForged:
    return OperationsForged(_FORGED.format(name=name))


def _header(operation: Operation | WireOperation) -> bytes:
    return _HEADER.pack(
        operation.origin,
        operation.epoch,
        operation.seq,
        operation.hlc,
        operation.schema_version,
        operation.entity,
        operation.entity_id.bytes,
    )


def _siv(secret: bytes, purpose: bytes) -> AESSIV:
    return AESSIV(_derived(secret, purpose, _SIV_BYTES))


def _derived(secret: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, None, purpose).derive(secret)
